import type { Envelope, Event, PastEvent } from "../../plugin/index.ts";

/**
 * An envelope on its way to the store's thread: its values without their names, which are a third of its text. Reading and writing that is most
 * of what an event costs outside of the database.
 */
export type Packed = readonly [
  received: PastEvent["received"],
  change: PastEvent["change"],
  previous: PastEvent["previous"],
  since: PastEvent["since"],
  episode: PastEvent["episode"],
  id: Event["id"],
  time: Event["time"],
  origin: Event["origin"],
  source: Event["source"],
  type: Event["type"],
  subject: Event["subject"],
  status: Event["status"],
  state: Event["state"],
  message: Event["message"],
  labels: Event["labels"],
  measures: Event["measures"],
  data: Event["data"],
];

/** The values of an envelope. Its place in the journal stays behind: the history has no use for it. */
export function pack({ received, event, change, previous, since, episode }: Envelope): Packed {
  return [
    received,
    change,
    previous,
    since,
    episode,
    event.id,
    event.time,
    event.origin,
    event.source,
    event.type,
    event.subject,
    event.status,
    event.state,
    event.message,
    event.labels,
    event.measures,
    event.data,
  ];
}

/** What `pack` was given. */
export function unpack(packed: Packed): PastEvent {
  return {
    received: packed[0],
    change: packed[1],
    previous: packed[2],
    since: packed[3],
    episode: packed[4],
    event: {
      id: packed[5],
      time: packed[6],
      origin: packed[7],
      source: packed[8],
      type: packed[9],
      subject: packed[10],
      status: packed[11],
      state: packed[12],
      message: packed[13],
      labels: packed[14],
      measures: packed[15],
      data: packed[16],
    },
  };
}
