import { expect, test } from "vitest";
import { secretForms } from "../../../../src/core/config/secret-forms.ts";
import { redactText } from "../../../../src/core/log.ts";

const hide = (secret: string, text: string) => redactText(text, new Set(secretForms(secret)));

test.each([
  ["hunter2", "no hunter2 here", "no [redacted] here"],
  [
    "https://hooks.example.org/services/T000/B000/abcdefghijklmnopqrst",
    "Cannot POST /services/T000/B000/abcdefghijklmnopqrst",
    "Cannot POST [redacted]",
  ],
  [
    "https://hooks.example.org/services/T000/B000/abcdefghijklmnopqrst",
    "hook abcdefghijklmnopqrst is disabled on hooks.example.org",
    "hook [redacted] is disabled on hooks.example.org",
  ],
  ["https://example.org/h?token=k%2Fey+123", "bad token k/ey 123", "bad token [redacted]"],
  ["https://example.org/h?token=key123", "GET /h?token=key123", "GET /h?token=[redacted]"],
  ["Bearer hunter2-very-secret", "bad token hunter2-very-secret", "bad token [redacted]"],
  ["Basic dXNlcjpodW50ZXIy", "user has not the password hunter2", "user has not the password [redacted]"],
  ["postgres://lg:hunter2@db/metrics", "password hunter2 of db/metrics", "password [redacted] of db/metrics"],
  ["pass word", "value pass%20word", "value [redacted]"],
])("of %j nothing is left in %j", (secret, text, hidden) => {
  expect(hide(secret, text)).toBe(hidden);
});

test("words of an address that are no secret are left as they are", () => {
  const words = "api v2 alerts true";
  expect(hide("https://example.org/api/v2/alerts?on=true", words)).toBe(words);
  const database = 'database "lifeguard_production" does not exist; sslmode require';
  expect(hide("postgres://lg@db/lifeguard_production?sslmode=require&x=production", database)).toBe(database);
  expect(hide("correct horsebattery", "horsebattery staple")).toBe("horsebattery staple");
});
