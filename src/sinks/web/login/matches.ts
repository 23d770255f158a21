import { createHash, timingSafeEqual } from "node:crypto";
import { compareSync } from "bcryptjs";
import { apr1 } from "./apr1.ts";
import type { PasswordHash } from "./htpasswd.ts";

/** Whether a password has that hash. Takes as long as the scheme makes it, which for bcrypt is a good part of a second. */
export function matches(password: string, { scheme, text }: PasswordHash): boolean {
  switch (scheme) {
    case "bcrypt":
      return compareSync(password, text);
    case "apr1":
      return equal(apr1(password, text.split("$")[2] as string), text);
    case "sha":
      return equal(`{SHA}${createHash("sha1").update(password).digest("base64")}`, text);
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
