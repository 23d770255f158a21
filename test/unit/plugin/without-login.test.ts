import { expect, it } from "vitest";
import { withoutLogin } from "../../../src/plugin/index.ts";

it.each([
  ["https://user:pass@host/x", "https://host/x"],
  ["https:user:pass@host", "https:host"],
  ["https:\\\\user:pa@ss@host/@x", "https:\\\\host/@x"],
  ["https://user:pass@[...]/", "https://[...]/"],
  ["//user:pass@host/x", "//host/x"],
  ["user:pass@host/x", "user:host/x"],
  ["ht\ntps:/\t/user:pass@host", "https://host"],
  ["\u0001 https://user:pass@host", "https://host"],
  ["https://user:pa/ss@host/x", "https://host/x"],
  ["https://user:p#a?ss@host/x", "https://host/x"],
])("a URL is shown without its login: %j as %s", (href, shown) => {
  expect(withoutLogin(href)).toBe(shown);
});

it.each([
  "https://host",
  "https://host/mail?to=a@b",
  "https://host/@user",
  "/static/@user",
  "mailto:operators@example.org",
  " not a url ",
])("what has none stays as it is: %j", (href) => {
  expect(withoutLogin(href)).toBe(href);
});
