import { compareStatus, type HistoryDay, isBad, type Status } from "../../../plugin/index.ts";
import { type Html, html } from "./html.ts";
import { percent } from "./percent.ts";

const NOTHING = ["nothing", 2] as const;

/**
 * How a day's worst verdict is drawn: the worse, the higher, so that it is read without colours. By the letter that stands for it: class of
 * its path, and its height, of 20.
 */
const DRAWN: Readonly<Record<string, readonly [name: Status | "nothing", height: number]>> = {
  c: ["critical", 20],
  w: ["warning", 15],
  u: ["unknown", 5],
  o: ["ok", 11],
  "-": NOTHING,
};

/** Days as they are drawn. Of many thousands of subjects they are kept, so they are small. */
export interface BarDays {
  /** A letter for the worst verdict of each, oldest first. */
  readonly letters: string;
  /** The last day, `2026-01-31`; empty where there is none. */
  readonly until: string;
  /**
   * Uptime of the days of which their verdict does not tell it, `<number of the day>=<uptime>` each: they are few, so that a page of a
   * thousand bars stays small. Those that were ok or had a warning were up all the time; of the others nothing is foreseen.
   */
  readonly up: string;
}

/** Takes of days what is drawn. */
export function barDays(days: readonly Pick<HistoryDay, "day" | "worst" | "uptime">[]): BarDays {
  return {
    letters: days.map(({ worst }) => letterOf(worst)).join(""),
    until: days.at(-1)?.day ?? "",
    up: days
      .flatMap(({ worst, uptime }, at) => {
        const foreseen = worst === "ok" || worst === "warning" ? 1 : null;
        return uptime === foreseen ? [] : `${at}=${uptime === null ? "" : percent(uptime)}`;
      })
      .join(";"),
  };
}

/**
 * The same days where a verdict stands that the last of them does not know of yet.
 * @param today `2026-01-31`: days that were read yesterday do not have it
 */
export function withStanding(days: BarDays, standing: Status, today: string): BarDays {
  if (days.until !== today) return days;
  const [last] = DRAWN[days.letters.at(-1) ?? ""] ?? [];
  if (last === undefined || !isBad(standing)) return days;
  if (last !== "nothing" && compareStatus(standing, last) >= 0) return days;
  return { ...days, letters: days.letters.slice(0, -1) + letterOf(standing) };
}

/**
 * Days as bars, in one drawing of a few hundred bytes: equal days that follow each other are one line, which the style cuts into bars by its
 * dashes. What it shows is told in words beside it, so it is hidden from who listens. What each day was is told by `assets/days.js`, which
 * reads it out of the drawing.
 */
export function bar({ letters, until, up }: BarDays): Html {
  const paths = new Map<string, { text: string; end: number }>();
  for (const { 0: run, index } of letters.matchAll(/(.)\1*/g)) {
    const [name, height] = DRAWN[run.charAt(0)] ?? NOTHING;
    const path = paths.get(name);
    const move = path ? `m${index - path.end} 0` : `M${index} ${20 - height / 2}`;
    paths.set(name, { text: `${path?.text ?? ""}${move}h${run.length}`, end: index + run.length });
  }
  return html`<svg class="bar" viewBox="0 0 ${letters.length} 20" preserveAspectRatio="none" aria-hidden="true" data-until="${until}"${up !== "" && html` data-up="${up}"`}>${[
    ...paths,
  ].map(([name, { text }]) => html`<path class="${name}" d="${text}"/>`)}</svg>`;
}

function letterOf(worst: Status | null): string {
  return worst?.charAt(0) ?? "-";
}
