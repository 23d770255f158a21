import type { HalEntry } from "./hal-document.ts";
import { AnswerError, type OriginClient, type Validators } from "./http-get.ts";
import { type FileStatus, parseStatusFile } from "./status-file.ts";
import type { Within } from "./timing.ts";

const LONGEST = 256 * 1024;

interface Known {
  readonly status: FileStatus;
  readonly validators: Validators;
}

/** The status files of one monitor: what they said last, so that only what is new is sent again. */
export class StatusFiles {
  readonly #origin: string;
  #known = new Map<string, Known>();
  #seen = new Map<string, Known>();

  /** @param origin of the monitor: files elsewhere are not asked for */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Forgets the files that were not read since the last call. */
  forgetUnread(): void {
    this.#known = this.#seen;
    this.#seen = new Map();
  }

  /**
   * What a service's status file says now, or why it does not.
   * @throws Error when nobody answers, the signal's reason
   */
  async read(client: OriginClient, { statusFile }: HalEntry, within: Within): Promise<FileStatus> {
    if (!statusFile)
      return { status: "critical", message: "its monitor does not tell its status", since: null };
    if (statusFile.origin !== this.#origin)
      return unasked(`its status file is on another server, ${statusFile.origin}`);
    const known = this.#known.get(statusFile.href);
    try {
      const answer = await within((signal) =>
        client.get({
          url: statusFile,
          accept: "application/json, */*;q=0.1",
          known: known?.validators,
          maxBytes: LONGEST,
          signal,
        }),
      );
      const now =
        answer.kind === "content"
          ? { status: parseStatusFile(answer.text), validators: answer.validators }
          : (known as Known);
      this.#seen.set(statusFile.href, now);
      return now.status;
    } catch (error) {
      // Somebody answers, so the monitor lives: only this one is not to be had.
      if (error instanceof AnswerError)
        return {
          status: "critical",
          message: `its status file cannot be read: ${error.message}`,
          since: null,
        };
      throw error;
    }
  }
}

/** What lifeguard does not look at is unknown, not bad. */
export function unasked(why: string): FileStatus {
  return { status: "unknown", message: `not asked: ${why}`, since: null };
}
