import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigFolder } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

const text = `
sources:
  promises: { directory: . }
  nsm:
  hub: { type: relay }
  off: { type: everything, enabled: false }
sinks:
  web:
  up: { type: relay }
  alarms: { type: console }
roles:
  page: { sources: [], sinks: web }
  half: { sinks: [web, alarms] }
  none: {}
`;

test.each([
  ["standalone", ["promises", "nsm", "hub"], ["web", "up", "alarms"]],
  ["collector", ["promises", "nsm", "hub"], ["up"]],
  ["server", ["hub"], ["web", "alarms"]],
  ["sidecar", ["nsm"], ["web", "up", "alarms"]],
  ["page", [], ["web"]],
  ["half", ["promises", "nsm", "hub"], ["web", "alarms"]],
  ["none", ["promises", "nsm", "hub"], ["web", "up", "alarms"]],
])("role %s", async (role, sources, sinks) => {
  const config = await folder.valid(text, { role });
  expect([...config.sources.keys()]).toEqual(sources);
  expect([...config.sinks.keys()]).toEqual(sinks);
  expect(config.declared.sources.size).toBe(4);
  expect(config.role).toBe(role);
  expect(config.journal.memory).toBe(role === "sidecar");
});

test("a role of the file wins over a built-in one of that name", async () => {
  const config = await folder.valid(`${text}  server: { sources: [promises], sinks: [] }\n`, {
    role: "server",
  });
  expect([...config.sources.keys()]).toEqual(["promises"]);
});

test("an unknown role is told, with the known ones", async () => {
  const [problem] = await folder.problems(text, { role: "pgae" });
  expect(problem).toMatchObject({ code: "CFG019", suggestion: "page", line: 11, column: 1 });
  expect(problem?.message).toContain("standalone, collector, server, sidecar, page, half, none");
});
