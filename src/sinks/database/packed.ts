import type { Envelope, Event } from "../../plugin/index.ts";

/**
 * An envelope on its way to the store's thread: its values without their names, which are a third of its text. Reading and writing that is most
 * of what an event costs outside of the database.
 */
export type Packed = readonly [
  seq: Envelope["seq"],
  received: Envelope["received"],
  change: Envelope["change"],
  previous: Envelope["previous"],
  since: Envelope["since"],
  episode: Envelope["episode"],
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

/** The values of an envelope. */
export function pack({ seq, received, event, change, previous, since, episode }: Envelope): Packed {
  return [
    seq,
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
export function unpack(packed: Packed): Envelope {
  return {
    seq: packed[0],
    received: packed[1],
    change: packed[2],
    previous: packed[3],
    since: packed[4],
    episode: packed[5],
    event: {
      id: packed[6],
      time: packed[7],
      origin: packed[8],
      source: packed[9],
      type: packed[10],
      subject: packed[11],
      status: packed[12],
      state: packed[13],
      message: packed[14],
      labels: packed[15],
      measures: packed[16],
      data: packed[17],
    },
  };
}
