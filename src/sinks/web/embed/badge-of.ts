import { type SubjectState, worstStatus } from "../../../plugin/index.ts";
import { measured } from "../page/measure.ts";
import { percent } from "../page/percent.ts";
import { silenceFinder } from "../page/silence-finder.ts";
import { verdictOf } from "../page/verdict.ts";
import { wordOf } from "../page/words.ts";
import { PERIODS, type Period } from "../past/period.ts";
import type { WebApp } from "../routes/web-app.ts";
import type { Badge } from "./badge.ts";

const MAX_LABEL = 60;
const METRICS = ["status", "uptime", "latency"];

/** From which share on uptime is good, and from which on it is not bad. */
const GOOD = 0.999;
const FAIR = 0.99;

/**
 * What a badge says about some services.
 * @param states one service, those that share an address, those of a glob, or all of a root
 * @param name what it is called where `?label=` does not say
 * @param query `label`, `metric` (`status`, `uptime`, or `latency`, which is that of one service) and `period`
 * @returns the badge, or a sentence that says what is wrong with the query
 */
export async function badgeOf(
  app: WebApp,
  states: readonly SubjectState[],
  name: string,
  query: URLSearchParams,
): Promise<Badge | string> {
  const metric = query.get("metric") ?? "status";
  const period = query.get("period") ?? "90d";
  if (!METRICS.includes(metric)) return `there is no such metric: ask for ${METRICS.join(", ")}`;
  if (!Object.hasOwn(PERIODS, period))
    return `there is no such period: ask for ${Object.keys(PERIODS).join(", ")}`;
  const label = (extra: string) => (query.get("label") ?? `${name}${extra}`).slice(0, MAX_LABEL);
  if (metric === "status") return { label: label(""), ...statusOf(app, states) };
  if (metric === "uptime") {
    const share = await uptime(app, states, period as Period);
    return {
      label: label(` uptime ${period}`),
      value: share === null ? nothing(app) : percent(share),
      tone: share === null ? "none" : share >= GOOD ? "ok" : share >= FAIR ? "warning" : "critical",
    };
  }
  const [state, ...others] = states;
  if (others.length > 0) return "latency is that of one service: ask for one, or for status or uptime";
  const ms = state === undefined ? null : await latency(app, state);
  return {
    label: label(" p95"),
    value: ms === null ? nothing(app) : measured({ value: ms / 1000, unit: "s" }),
    tone: "none",
  };
}

/** The worst of them that is not silenced. */
function statusOf({ ctx }: WebApp, states: readonly SubjectState[]): Pick<Badge, "value" | "tone"> {
  const [state, ...others] = states;
  if (state === undefined) return { value: "nothing monitored", tone: "none" };
  const silenceOf = silenceFinder(ctx);
  if (others.length === 0) {
    const word = wordOf(state);
    return silenceOf(state) ? { value: `${word}, silenced`, tone: "none" } : { value: word, tone: word };
  }
  const { counts } = verdictOf(states, silenceOf);
  const loud = states.filter((one) => !silenceOf(one));
  if (loud.length === 0) return { value: "silenced", tone: "none" };
  const worst = worstStatus(loud.map(({ status }) => status));
  return { value: worst === "ok" ? "ok" : `${counts[worst]} ${worst}`, tone: worst };
}

/** The mean of what is known. */
async function uptime(app: WebApp, states: readonly SubjectState[], period: Period): Promise<number | null> {
  const shares = await uptimes(app, states, period);
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

async function uptimes(
  { days, pasts, lastDay }: WebApp,
  states: readonly SubjectState[],
  period: Period,
): Promise<readonly number[]> {
  if (period !== "24h") {
    const count = period === "7d" ? 7 : period === "30d" ? 30 : 90;
    return states.flatMap((one) => days.of(one)?.uptime[count] ?? []);
  }
  const [state, ...others] = states;
  if (state === undefined || others.length > 0) return lastDay.uptimes(states);
  // Of one the history tells more: it is not asked about all the others.
  const share = (await pasts.of(state, period))?.uptime[period] ?? null;
  return share === null ? [] : [share];
}

/** Milliseconds: the 95th percentile of the last day that has one. */
async function latency({ pasts }: WebApp, state: SubjectState): Promise<number | null> {
  const past = await pasts.of(state, "24h");
  return past?.days?.days.findLast((day) => day.latency !== null)?.latency?.p95 ?? null;
}

/** What stands for a number that nobody can tell. */
function nothing({ ctx }: WebApp): string {
  return ctx.history ? "unknown" : "no history";
}
