import type { EventDraft, Silence } from "../../plugin/index.ts";
import { keyOf, recordOf } from "./records.ts";

/** Why a silence ended. `configuration`: monitors.yaml does not have the window any more. */
export type Ending =
  | { readonly reason: "time" }
  | { readonly reason: "configuration" }
  | { readonly reason: "asked"; readonly by: string };

/** The event that says that a silence holds from now on. Its checkpoint keeps the silence. */
export function began(silence: Silence): EventDraft {
  const what = silence.kind === "silence" ? "silenced" : "maintenance of";
  const until = `${silence.until.slice(0, 10)} ${silence.until.slice(11, 19)}Z`;
  return {
    type: "lifeguard.silence.began",
    subject: keyOf(silence),
    status: "ok",
    state: "SILENCED",
    message: `${what} ${whatOf(silence)} until ${until}${byOf(silence.by)}${whyOf(silence)}`,
    data: recordOf(silence),
    checkpoint: { [keyOf(silence)]: recordOf(silence) },
  };
}

/**
 * The events that say that a silence does not hold any more, and that its subject is no more, so that past ones take no room. The
 * checkpoint forgets the silence.
 * @param at now, milliseconds since the epoch; what ended by its time may have done so before, while lifeguard was down
 */
export function ended(silence: Silence, at: number, ending: Ending): readonly EventDraft[] {
  const subject = keyOf(silence);
  const what = silence.kind === "silence" ? "the silence of" : "the maintenance of";
  const { reason } = ending;
  const end = reason === "time" ? Math.min(at, Date.parse(silence.until)) : at;
  return [
    {
      type: "lifeguard.silence.ended",
      subject,
      status: "ok",
      state: "ENDED",
      message: `${what} ${whatOf(silence)} ${endOf(ending)}${whyOf(silence)}`,
      data: Object.assign({}, recordOf(silence), {
        ended: new Date(end).toISOString(),
        reason,
        ended_by: "by" in ending ? ending.by : "",
      }),
      checkpoint: { [subject]: null },
    },
    { type: "subject.retired", subject, message: "it has ended" },
  ];
}

function endOf(ending: Ending): string {
  switch (ending.reason) {
    case "time":
      return "has ended";
    case "configuration":
      return "has ended: monitors.yaml does not have it any more";
    case "asked":
      return `was ended early${byOf(ending.by)}`;
  }
}

function byOf(name: string): string {
  return name === "" ? "" : ` by ${name}`;
}

function whyOf({ why }: Silence): string {
  return why === "" ? "" : ` (${why})`;
}

function whatOf({ subjects, labels }: Silence): string {
  const named = Object.entries(labels).map(([name, globs]) => `${name}=${globs.join("|")}`);
  const labelled = named.length === 0 ? "" : ` with ${named.join(", ")}`;
  return `${subjects.join(", ")}${labelled}`;
}
