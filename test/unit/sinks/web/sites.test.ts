import { describe, expect, it } from "vitest";
import { authorizer } from "../../../../src/core/authorize.ts";
import type { Operation, Principal } from "../../../../src/plugin/index.ts";
import { Sites } from "../../../../src/sinks/web/sites.ts";
import { state, World } from "./context.ts";

const ANONYMOUS: Principal = { kind: "anonymous" };
const LOCAL: Principal = { kind: "local" };
const ALICE: Principal = { kind: "user", name: "alice" };

const world = new World();
world.add(
  state("promise/open", { description: { public: true } }),
  state("promise/closed"),
  state("vim/edge", { source: "vims", instance: "vims" }),
);
const sites = (prefix = "") =>
  new Sites({ board: world.board(), title: undefined, authorize: authorizer(world.board()) }, prefix, []);
const subjects = (principal: Principal, operation: Operation) =>
  sites()
    .of(principal, operation)
    .root()
    .states.map(({ subject }) => subject);

describe("a view of the site", () => {
  it("holds what the principal may do the operation on, and no more", () => {
    expect(subjects(LOCAL, "read")).toHaveLength(3);
    expect(subjects(LOCAL, "open")).toEqual([]);
    expect(subjects(ALICE, "open")).toHaveLength(3);
    expect(subjects(ANONYMOUS, "look")).toEqual(["promise/open"]);
    expect(subjects(ANONYMOUS, "read")).toEqual([]);
  });

  it("does not know the instances of which nothing may be seen", () => {
    const names = (principal: Principal) => [...sites().of(principal, "look").instances().keys()];
    expect(names(LOCAL)).toEqual(["promises", "vims"]);
    expect(names(ANONYMOUS)).toEqual(["promises"]);
    expect(sites().of(ANONYMOUS, "look").scope("vims")).toBeUndefined();
  });

  it("tells of an instance only to who may see that, whatever one of its subjects is said to be", () => {
    const own = new World();
    own.describe("promises", {
      title: "Behind the wall",
      links: [{ rel: "related_monitor", href: "https://a/" }],
    });
    own.add(state("promise/theirs", { origin: "elsewhere", description: { public: true } }));
    const made = new Sites(
      { board: own.board(), title: undefined, authorize: authorizer(own.board()) },
      "",
      [],
    );
    const seen = made.of(ANONYMOUS, "look").scope("promises");
    expect(seen?.states).toHaveLength(1);
    expect(seen).toMatchObject({ title: "promises", related: [] });
    expect(seen?.descriptions.size).toBe(0);
    expect(made.of(LOCAL, "look").scope("promises")?.title).toBe("Behind the wall");
  });

  it("finds no service by its id that it does not hold", () => {
    const root = sites().of(ANONYMOUS, "look").root();
    expect(root.find("open")).toHaveLength(1);
    expect(root.find("closed")).toEqual([]);
  });

  it("leads who may only look to the lists below /public", () => {
    expect(sites("/at").of(LOCAL, "look").scope("vims")).toMatchObject({
      base: "/at/m/vims",
      lists: "/at/m/vims",
    });
    expect(sites("/at").of(ANONYMOUS, "look").scope("promises")).toMatchObject({
      base: "/at/m/promises",
      lists: "/at/m/promises/public",
    });
  });

  it("is the same for all who may do the same, and another for everybody else", () => {
    const made = sites();
    expect(made.of({ kind: "user", name: "bob" }, "read")).toBe(made.of(ALICE, "read"));
    expect(made.of(LOCAL, "read").audience).not.toBe(made.of(ALICE, "read").audience);
    expect(made.of(ANONYMOUS, "look").audience).not.toBe(made.of(LOCAL, "look").audience);
  });

  it("is never shared by principals with other rights, whatever the rules are", () => {
    const authorize = (principal: Principal, operation: Operation, subject: string | null) =>
      principal.kind === "user" && (operation !== "command" || subject === `promise/${principal.name}`);
    const made = new Sites({ board: world.board(), title: undefined, authorize }, "", []);
    const [open, closed] = ["open", "closed"].map((name) => made.of({ kind: "user", name }, "read"));
    expect(open?.audience).not.toBe(closed?.audience);
    expect(open?.may("command", "promise/open")).toBe(true);
    expect(closed?.may("command", "promise/open")).toBe(false);
  });

  it("names the related monitors of an only instance as they are written, twice where that is so", () => {
    const own = new World();
    const link = { rel: "related_monitor", href: "https://[...]/" };
    own.describe("promises", { links: [link, link] });
    const made = new Sites({ board: own.board(), title: undefined, authorize: authorizer(own.board()) }, "", [
      { ...link, title: "configured too" },
    ]);
    expect(made.of(LOCAL, "read").root().related).toEqual([link, link]);
  });

  it("is as new as the board", () => {
    const made = sites();
    const before = made.of(ANONYMOUS, "look");
    world.add(state("promise/another", { description: { public: true } }));
    expect(before.root().states).toHaveLength(1);
    expect(made.of(ANONYMOUS, "look").root().states).toHaveLength(2);
  });
});
