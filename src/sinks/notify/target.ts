import type { Telling } from "./telling.ts";

/** What came of telling. */
export type Outcome =
  | {
      readonly kind: "told";
      /** Who will never have it though others do, and why. Absent: everybody has it. */
      readonly except?: string | undefined;
    }
  /** It may pass, by itself or when somebody has corrected the configuration: it is tried again. */
  | {
      readonly kind: "failed";
      readonly reason: string;
      /** Milliseconds that the far end asks to be left alone. Absent: it says nothing. */
      readonly retryAfter?: number | undefined;
      /** Whether somebody has to correct the configuration first: an address, a login, a command. */
      readonly correctable?: boolean | undefined;
      /** The recipients that do not have it, where others do. */
      readonly left?: readonly string[] | undefined;
      /** Who will never have it though others do, and why. */
      readonly except?: string | undefined;
    }
  /** This very message will never be taken. */
  | { readonly kind: "refused"; readonly reason: string };

/** Whoever is told: a web service, people with an address, an executable. */
export interface Target {
  /** For people: `https://chat.example.org`, `smtp://mail:587`. It holds no secret. */
  readonly name: string;
  /** Most changes of one message. */
  readonly most: number;
  /** Whether it keeps something open for each episode until it is told of the end. */
  readonly closes: boolean;
  /**
   * Tells one message, within the target's own time-out. It never rejects but for the signal's abort.
   * @param only the recipients that are left; null: all
   */
  tell(telling: Telling, only: readonly string[] | null, signal: AbortSignal): Promise<Outcome>;
  /** Lets go of what it holds open. */
  close(): void;
}
