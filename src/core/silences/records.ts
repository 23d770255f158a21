import type { Json, Silence } from "../../plugin/index.ts";
import type { Journal, StateWrite } from "../journal/port.ts";

/** Where intake keeps the checkpoints of lifeguard's own events. */
const OWNER = "source/lifeguard";

/** Where a silence is kept, which is also the subject of its own events: `silence/1f0c9a3e`, `maintenance/77aa01bd`. */
export function keyOf({ kind, id }: Pick<Silence, "kind" | "id">): string {
  return `${kind}/${id}`;
}

/** A silence as it is written. */
export function recordOf(silence: Silence): Json {
  return { ...silence } as unknown as Json;
}

/** A write that is not part of an event. */
export function writeOf(silence: Silence): StateWrite {
  return { owner: OWNER, key: keyOf(silence), value: recordOf(silence) };
}

/** Those of one kind that the journal holds, by id. */
export function recorded(journal: Pick<Journal, "state">, kind: Silence["kind"]): Map<string, Silence> {
  const records = journal.state(OWNER, `${kind}/`).map(([, value]) => value as unknown as Silence);
  return new Map(records.map((silence) => [silence.id, silence]));
}
