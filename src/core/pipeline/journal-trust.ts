import type { Clock } from "../../plugin/index.ts";
import type { LiveBoard } from "../board.ts";
import type { Journal } from "../journal/port.ts";

/** How long, in milliseconds, commits may fail before what is shown is no longer true enough. */
const PATIENCE_MS = 10_000;

/** What a journal's trust is made from. */
export interface JournalTrustOptions {
  readonly board: Pick<LiveBoard, "distrustAll">;
  readonly journal: Pick<Journal, "append">;
  readonly clock: Clock;
  /** Ends with the engine. */
  readonly signal: AbortSignal;
}

/**
 * Makes the board say that it does not know while the journal cannot commit. The board shows what is committed, so without it everything
 * would stay as it was before the disk was full, green most likely, whatever has failed since.
 */
export class JournalTrust {
  readonly #options: JournalTrustOptions;
  #failing: string | null = null;
  #lost = false;
  /** Cancels the wait that began with the first failed commit. */
  #cancel: (() => void) | undefined;

  constructor(options: JournalTrustOptions) {
    this.#options = options;
  }

  /** Takes why commits fail, whenever that changes; null when they succeed again. */
  tell(failing: string | null): void {
    const { clock, signal } = this.#options;
    this.#failing = failing;
    if (failing === null) this.#recover();
    else if (this.#lost) this.#distrust();
    else this.#cancel ??= clock.setTimeout(() => this.#distrust(), PATIENCE_MS, signal);
  }

  #distrust(): void {
    this.#lost = true;
    this.#options.board.distrustAll(`results cannot be kept: ${this.#failing}`);
  }

  #recover(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#lost) return;
    // Appends keep their order: when an empty one is committed, the board has every verdict that waited for room.
    this.#options.journal.append({}).then(
      () => this.#trust(),
      // The journal was closed meanwhile.
      () => {},
    );
  }

  #trust(): void {
    // Commits may have begun to fail once more; the next recovery comes back here.
    if (this.#failing !== null) return;
    this.#lost = false;
    this.#options.board.distrustAll(null);
  }
}
