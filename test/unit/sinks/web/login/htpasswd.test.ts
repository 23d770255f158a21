import { describe, expect, it } from "vitest";
import { LifeguardError } from "../../../../../src/plugin/index.ts";
import { parseHtpasswd } from "../../../../../src/sinks/web/login/htpasswd.ts";

const ALICE = "alice:$2y$04$9JzuyBGTbYiJ/JYZcGdDUuqtxQPMfm81HYDpmqPf3iYJXQ3PRPv3e";
const BOB = "bob:$apr1$Q5cFzh9b$QVGJRMPrJeRnbZWLIpLsf1";
const CAROL = "carol:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";

const refusal = (text: string) => {
  try {
    parseHtpasswd(text, "/etc/users");
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("a password file", () => {
  it("holds bcrypt, apr1 and SHA-1, comments and empty lines", () => {
    const found = parseHtpasswd(`# staff\n${ALICE}\r\n\n${BOB}\n${CAROL}`, "f");
    expect([...found].map(([name, { scheme }]) => [name, scheme])).toEqual([
      ["alice", "bcrypt"],
      ["bob", "apr1"],
      ["carol", "sha"],
    ]);
  });

  it("counts the first line of a name, as Apache does", () => {
    const again = CAROL.replace("carol", "alice");
    expect(parseHtpasswd(`${ALICE}\n${again}`, "f").get("alice")?.scheme).toBe("bcrypt");
  });

  it.each([
    ["a password in clear", "dave:secret"],
    ["crypt(3)", "dave:rl.3StKT.4T8M"],
    ["SHA-256 of crypt(3)", "dave:$5$abcdefgh$ZLdkj8mkc2XVSrPVjskDAgZPGjtj1VGVaa1aUkrMTU/"],
    ["unsalted MD5", "dave:$1$abcdefgh$kHVRpXsQH4mVzO6oe6nMW/"],
    ["a bcrypt of a cost that would stop us", ALICE.replace("$04$", "$31$")],
    ["a cut hash", ALICE.slice(0, -1)],
    ["no name", ":{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="],
    ["no hash", "dave"],
    ["an empty hash", "dave:"],
  ])("is refused with %s, by file and line, and does not tell what stands there", (_what, line) => {
    const error = refusal(`${ALICE}\n\n${line}\n`);
    expect(error).toBeInstanceOf(LifeguardError);
    expect(error).toMatchObject({ code: "HTPASSWD", message: expect.stringMatching(/^\/etc\/users:3: /) });
    expect((error as Error).message).not.toContain("secret");
  });
});
