import { expect, test } from "vitest";
import type { Status } from "../../../../src/plugin/index.ts";
import { fc } from "../../../support/property.ts";
import { HOUR, SECOND, World } from "./world.ts";

const AFTER = 20 * SECOND;
const SUBJECTS = ["a/1", "a/2", "b/1"];

interface Happening {
  readonly subject: string;
  readonly status: Status;
}

type Step =
  | ({ readonly do: "event"; readonly acknowledge: boolean } & Happening)
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "silence" }
  | { readonly do: "outage" }
  | { readonly do: "refusal" }
  | { readonly do: "crash" }
  | { readonly do: "stop" }
  | { readonly do: "retire"; readonly subject: string }
  | { readonly do: "gone"; readonly happenings: readonly (Happening & { readonly ms: number })[] };

const happening = {
  subject: fc.constantFrom(...SUBJECTS),
  status: fc.constantFrom<Status>("critical", "warning", "unknown", "ok", "ok"),
};

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("event" as const), acknowledge: fc.boolean(), ...happening }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 60_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "silence" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "outage" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "refusal" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "crash" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "stop" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("retire" as const), subject: fc.constantFrom(...SUBJECTS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("gone" as const),
      happenings: fc.array(fc.record({ ...happening, ms: fc.integer({ min: 0, max: 60_000 }) }), {
        maxLength: 6,
      }),
    }),
  },
);

interface Episode {
  readonly id: string;
  readonly subject: string;
  readonly began: number;
  ended: number | null;
  /** Whether it ended as the subject was not watched any more. */
  retired: boolean;
}

/** What happened, as somebody who sees everything would tell it. */
class Truth {
  readonly episodes: Episode[] = [];
  readonly silences: { readonly from: number; to: number }[] = [];

  see(subject: string, status: Status, episode: string | null, at: number): void {
    const open = this.episodes.findLast((one) => one.subject === subject && one.ended === null);
    if (status === "ok" && open) open.ended = at;
    else if ((status === "critical" || status === "warning") && !open && episode !== null)
      this.episodes.push({ id: episode, subject, began: at, ended: null, retired: false });
  }

  retire(subject: string, at: number): void {
    const open = this.episodes.findLast((one) => one.subject === subject && one.ended === null);
    if (open) Object.assign(open, { ended: at, retired: true });
  }

  silenced(from: number, to: number): "wholly" | "partly" | "never" {
    const touching = this.silences.filter((one) => one.from <= to && one.to >= from);
    if (touching.length === 0) return "never";
    return touching.some((one) => one.from <= from && one.to > to) ? "wholly" : "partly";
  }
}

test("whatever happens, in whatever order, everybody is told what they are owed, once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), fc.boolean(), async (steps, single) => {
      // As PagerDuty is: one change a message, and something is open until the end of the episode is told.
      const closes = single;
      const world = await new World(
        { after: AFTER, groupWait: 2 * SECOND, listed: 1000 },
        { single, closes },
      ).start();
      const truth = new Truth();
      let end: (() => void) | undefined;
      const toggleSilence = () => {
        const now = world.clock.now();
        if (end) {
          (truth.silences.at(-1) as { to: number }).to = now;
          end();
          end = undefined;
        } else {
          truth.silences.push({ from: now, to: Number.POSITIVE_INFINITY });
          end = world.silence("a/*");
        }
      };
      let outage = false;
      let refusal = false;
      const refused = new Set<string>();
      const breaches: string[] = [];
      world.answer = ({ id, items }) => {
        const rows = [...world.saved].filter(([key]) => key.startsWith("m/"));
        if (!rows.some(([, row]) => (row as { id: string }).id === id)) breaches.push(`not on disk: ${id}`);
        if (outage) return { kind: "failed", reason: "away" };
        if (end && items.some(({ subject }) => subject.startsWith("a/"))) breaches.push(`silenced: ${id}`);
        if (refusal) {
          for (const item of items) refused.add(item.id);
          return { kind: "refused", reason: "answered 400" };
        }
        return { kind: "told" };
      };
      const happen = ({ subject, status }: Happening) => {
        const { episode } = world.emit(subject, status);
        truth.see(subject, status, episode, world.clock.now());
      };
      for (const one of steps) {
        if (one.do === "event") {
          happen(one);
          await world.deliver({ acknowledge: one.acknowledge });
        } else if (one.do === "wait") await world.clock.advance(one.ms);
        else if (one.do === "silence") {
          toggleSilence();
          await world.clock.advance(0);
        } else if (one.do === "outage") outage = !outage;
        else if (one.do === "refusal") refusal = !refusal;
        else if (one.do === "crash") await world.restart();
        else if (one.do === "stop") {
          await world.stop();
          await world.start();
        } else if (one.do === "retire") {
          world.retire(one.subject);
          truth.retire(one.subject, world.clock.now());
        } else {
          await world.stop();
          for (const { ms, ...more } of one.happenings) {
            happen(more);
            await world.clock.advance(ms);
          }
          await world.restart();
        }
      }
      if (end) toggleSilence();
      outage = refusal = false;
      await world.clock.advance(2 * HOUR);

      expect(breaches).toEqual([]);
      const ids = world.told.flatMap(({ telling }) => telling.items.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      const told = new Set(ids);
      const now = world.clock.now();
      for (const { id, subject, began, ended, retired } of truth.episodes) {
        const lasted = (ended ?? now) - began;
        const silence = subject.startsWith("a/") ? truth.silenced(began, ended ?? now) : "never";
        // A crash may have forgotten a refusal, and then it was told all the same.
        const tried = (kind: string) => told.has(`${id}/${kind}`) || refused.has(`${id}/${kind}`);
        const down = tried("down");
        const heard = told.has(`${id}/down`) || told.has(`${id}/worse`);
        const recovered = tried("recovered");
        if (retired) {
          // It may be watched again, and well, before anybody has noticed.
          if (told.has(`${id}/recovered`)) expect({ id, heard }).toEqual({ id, heard: true });
          if (heard && closes)
            expect({ id, closed: recovered || tried("retired") }).toEqual({ id, closed: true });
          if (!closes) expect({ id, retired: tried("retired") }).toEqual({ id, retired: false });
          continue;
        }
        if (lasted < AFTER || silence === "wholly") expect({ id, down }).toEqual({ id, down: false });
        else if (silence === "never") expect({ id, down }).toEqual({ id, down: true });
        // Whoever was told that it is bad is told that it ended, and nobody else.
        if (heard) expect({ id, recovered }).toEqual({ id, recovered: ended !== null });
        else expect({ id, told: told.has(`${id}/recovered`) }).toEqual({ id, told: false });
      }
      expect(world.counted.get("notify_owed_changes")).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 60_000);
