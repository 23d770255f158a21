import { describe, expect, it } from "vitest";
import { authorizer } from "../../../src/core/authorize.ts";
import type { Operation, Principal, SubjectState } from "../../../src/plugin/index.ts";

const OPERATIONS: readonly Operation[] = ["look", "read", "open", "command", "operate"];
const ANONYMOUS: Principal = { kind: "anonymous" };

const states: readonly Pick<SubjectState, "subject" | "description">[] = [
  { subject: "promise/open", description: { public: true } },
  { subject: "promise/closed", description: {} },
  { subject: "promise/both", description: { public: true } },
  { subject: "promise/both", description: {} },
];
const authorize = authorizer({
  find: (subject) => states.filter((state) => state.subject === subject) as SubjectState[],
});
const allowed = (principal: Principal, subject: string | null) =>
  OPERATIONS.filter((operation) => authorize(principal, operation, subject));

describe("access", () => {
  it("is whole for who has logged in", () => {
    for (const subject of ["promise/open", "promise/closed", null])
      expect(allowed({ kind: "user", name: "alice" }, subject)).toEqual(OPERATIONS);
  });

  it("leaves out what is private at a door without a login", () => {
    expect(allowed({ kind: "local" }, "promise/closed")).toEqual(["look", "read", "command", "operate"]);
  });

  it("is a look at what is public for who has not logged in, and nothing else", () => {
    expect(allowed(ANONYMOUS, "promise/open")).toEqual(["look"]);
    for (const subject of ["promise/closed", "promise/both", "promise/none", null])
      expect(allowed(ANONYMOUS, subject)).toEqual([]);
  });
});
