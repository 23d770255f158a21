import { LifeguardError } from "../../plugin/index.ts";
import type { StateWrite, Writes } from "./port.ts";
import type { StateText } from "./slice.ts";

/** What one append asks for: writes, and the clean-ups that must keep their place among them. */
export interface Change extends Omit<Writes, "state"> {
  readonly state?: readonly StateText[];
  readonly deletedDeadLetters?: readonly number[];
  readonly forgotten?: readonly string[];
}

/**
 * Prepares writes for the queue. Values of the key-value stores come straight from plugins, so what is no JSON must fail here, where only
 * its author hears of it.
 * @throws LifeguardError `STATE_INVALID`
 */
export function toChange(writes: Writes): Change {
  const { state, ...rest } = writes;
  return state ? { ...rest, state: state.map(stateText) } : rest;
}

function stateText({ owner, key, value }: StateWrite): StateText {
  if (value === null) return { owner, key, value };
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw invalid(owner, key, error);
  }
  if (text === undefined) throw invalid(owner, key);
  return { owner, key, value: text };
}

function invalid(owner: string, key: string, cause?: unknown): LifeguardError {
  const reason = cause instanceof Error ? cause.message : "it has no JSON form";
  return new LifeguardError(
    "STATE_INVALID",
    `${owner}: the value of ${JSON.stringify(key)} must be JSON: ${reason}`,
    {
      cause,
    },
  );
}
