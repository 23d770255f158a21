import { describe, expect, it } from "vitest";
import { parseHtpasswd } from "../../../../../src/sinks/web/login/htpasswd.ts";
import { matches } from "../../../../../src/sinks/web/login/matches.ts";

const LONG = "long-long-long-long-long-long-password-of-more-than-sixteen";

/** Lines that Apache's htpasswd wrote. */
const WRITTEN = [
  ["pä ss:wörd", "$2y$05$JkSoxYbBlUF65nxH44Ci8O7tJL1IkSOXvSyhW5PSrVBr0st7jKU4m"],
  ["secret", "$2y$04$y7rgrKAYL6a2NAtA7OjC4.N9VYkwQHN3tYqsscrs5s792N6iI.GGW"],
  ["pä ss:wörd", "$apr1$9Er12a4y$/W/u/.rJ.FQAlBgjCanw4/"],
  ["hunter2", "$apr1$m./mPAkj$Kyj7StF2ThmDKUULXw3bV1"],
  [LONG, "$apr1$3uMDGWsc$IUtxsAnogMVBy2vRHBCZ0/"],
  ["", "$apr1$j0NH1NpR$cX7aP.sVTCPYtwj2mKl/E."],
  ["pä ss:wörd", "{SHA}fG6JOT+U4BWCxHUIDugxX5F9oIE="],
  [LONG, "{SHA}4OPgTjeqEchUu9LmoWHsCt1JMmo="],
] as const;

describe("a password", () => {
  it.each(WRITTEN)("%j has the hash that htpasswd wrote: %s", (password, text) => {
    const hash = parseHtpasswd(`x:${text}`, "f").get("x");
    expect(hash && matches(password, hash)).toBe(true);
    for (const wrong of [`${password}x`, password.slice(0, -1), password.toUpperCase(), "x"])
      if (wrong !== password) expect(hash && matches(wrong, hash)).toBe(false);
  });

  it("has the hash by any of bcrypt's prefixes", () => {
    for (const prefix of ["$2a$", "$2b$", "$2y$"]) {
      const text = WRITTEN[1][1].replace("$2y$", prefix);
      const hash = parseHtpasswd(`x:${text}`, "f").get("x");
      expect(hash && matches("secret", hash)).toBe(true);
    }
  });
});
