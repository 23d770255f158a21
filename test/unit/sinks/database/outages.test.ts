import { expect, test } from "vitest";
import type { ComponentHealth, ComponentState } from "../../../../src/plugin/index.ts";
import { Outages } from "../../../../src/sinks/database/outages.ts";

const NOON = "2026-03-10T12:00:00.000Z";

function component(id: string, state: ComponentState, since = NOON): ComponentHealth {
  const [kind] = id.split("/") as [ComponentHealth["kind"]];
  return { id, kind, state, status: "ok", message: "", since };
}

test("what fails is told when it changes, and again where it could not be told", async () => {
  let components: ComponentHealth[] = [component("sink/web", "ok")];
  const told: unknown[] = [];
  const outages = new Outages({ components: () => components });
  const report = () => outages.report(async (sources) => void told.push(...sources));
  await report();
  expect(told).toEqual([]);
  components = [component("source/script", "recoverable"), component("source/vim", "ok")];
  await expect(outages.report(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  await report();
  await report();
  const since = Date.parse(NOON);
  expect(told.splice(0)).toEqual([
    { source: "script", fails: true, since },
    { source: "vim", fails: false, since },
  ]);
  // Tried again, it is as it was until it runs.
  components = [component("source/script", "starting"), component("source/vim", "ok")];
  await report();
  expect(told.splice(0)).toEqual([
    { source: "script", fails: null, since },
    { source: "vim", fails: false, since },
  ]);
  components = [component("source/script", "ok", "2026-03-10T12:01:00.000Z"), component("source/vim", "ok")];
  await report();
  expect(told).toContainEqual({ source: "script", fails: false, since: since + 60_000 });
});
