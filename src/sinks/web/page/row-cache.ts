import { type SubjectState, serviceId } from "../../../plugin/index.ts";
import type { Html } from "./html.ts";
import { type RowParts, row } from "./row.ts";
import { unchangedUntil } from "./time.ts";
import { shownSince } from "./words.ts";

/** Rows of larger roots are not kept: they would take much memory, and nobody looks at so many. */
const MOST = 5000;

interface Kept {
  /** Everything but the state that a row depends on. */
  readonly key: string;
  /** Milliseconds since the epoch: when its relative time is another one. */
  readonly until: number;
  readonly html: Html;
}

/** Keeps each row as long as nothing in it changes: of a thousand, few differ from one page to the next. */
export class RowCache {
  readonly #rows = new WeakMap<SubjectState, Kept>();

  /**
   * @param days version of what is known of its days
   * @param now milliseconds since the epoch
   */
  row(parts: RowParts, days: number, now: number): Html {
    const { state, id, scope, silence, next } = parts;
    if (next !== undefined || scope.states.length > MOST) return row(parts, now);
    const { lists, site } = scope;
    const alike = scope.find(serviceId(state.subject)).length;
    const key = `${id} ${days} ${alike} ${silence?.id ?? ""} ${silence?.until ?? ""} ${site.audience} ${lists}`;
    const kept = this.#rows.get(state);
    if (kept && kept.key === key && now < kept.until) return kept.html;
    const html = row(parts, now);
    this.#rows.set(state, { key, until: unchangedUntil(shownSince(state), now), html });
    return html;
  }
}
