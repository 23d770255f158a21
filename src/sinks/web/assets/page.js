// What the page does by itself. It is whole without: there is one template only, and it is the server's.

import { tellDays } from "./days.js";
import { keys } from "./keys.js";
import { follow, showAnother } from "./live.js";
import { runs } from "./run.js";
import { search } from "./search.js";
import { tellMoments } from "./time.js";

runs();
search(showAnother);
tellMoments();
tellDays();
keys();
follow();
