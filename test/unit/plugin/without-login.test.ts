import { expect, it } from "vitest";
import { withoutLogin } from "../../../src/plugin/index.ts";

it.each([
  ["https://user:pass@host/x", "https://host/x"],
  ["https:user:pass@host", "https:host"],
  ["https:\\\\user:pa@ss@host/@x", "https:\\\\host/@x"],
  ["https://user:pass@[...]/", "https://[...]/"],
  ["https://host/mail?to=a@b", "https://host/mail?to=a@b"],
  ["https://host", "https://host"],
])("a URL is shown without its login: %s as %s", (href, shown) => {
  expect(withoutLogin(href)).toBe(shown);
});
