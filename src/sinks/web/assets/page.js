// What the page does by itself. It is whole without: there is one template only, and it is the server's.

import { keys } from "./keys.js";
import { follow, refresh } from "./live.js";
import { runs } from "./run.js";
import { search } from "./search.js";
import { tellMoments } from "./time.js";

runs();
search(refresh);
tellMoments();
keys();
follow();
