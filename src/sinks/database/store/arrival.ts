import type { Envelope, PastEvent } from "../../../plugin/index.ts";
import { type Bearing, bearingOf } from "./bearing.ts";
import { storable } from "./storable.ts";

/** An envelope with what is asked of it more than once. Times are milliseconds since the epoch. */
export interface Arrival {
  readonly envelope: PastEvent;
  readonly bearing: Bearing;
  /** Whether it comes out of turn, as a dead letter does: what came in turn meanwhile goes before it. */
  readonly late: boolean;
  /** The event's id as it is stored. */
  readonly id: string;
  readonly time: number;
  readonly received: number;
  /** When it happened, as far as time is accounted for: a clock that runs ahead must not account for time that has not been. */
  readonly happened: number;
}

/** One that comes from the journal, with its number there. */
export interface NumberedArrival extends Arrival {
  readonly envelope: Envelope;
}

/** Reads an envelope's type, id and times. */
export function arrivalOf<From extends PastEvent>(
  envelope: From,
  late = false,
): Arrival & { readonly envelope: From } {
  const { event } = envelope;
  const received = Date.parse(envelope.received);
  const time = event.time === envelope.received ? received : Date.parse(event.time);
  return {
    envelope,
    bearing: bearingOf(event.type),
    late,
    id: storable(event.id),
    time,
    received,
    happened: Math.min(time, received),
  };
}
