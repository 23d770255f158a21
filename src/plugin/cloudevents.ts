import type { Envelope } from "./event.ts";
import type { Json } from "./json.ts";

/** An event as CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md). */
export type CloudEvent = {
  readonly specversion: "1.0";
  readonly id: string;
  /** `/<origin>/<source>`. */
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  /** Extension attributes: lower-case letters and digits only. */
  readonly status: string;
  readonly state: string;
  readonly origin: string;
  readonly data: { readonly [key: string]: Json };
};

/** Renders an envelope's event as a CloudEvent. `message`, `labels`, `measures` and the typed data make up `data`. */
export function toCloudEvent({ event }: Envelope): CloudEvent {
  return {
    specversion: "1.0",
    id: event.id,
    source: `/${encodeURIComponent(event.origin)}/${encodeURIComponent(event.source)}`,
    type: event.type,
    subject: event.subject,
    time: event.time,
    datacontenttype: "application/json",
    status: event.status,
    state: event.state,
    origin: event.origin,
    data: {
      message: event.message,
      labels: event.labels,
      measures: event.measures as unknown as Json,
      data: event.data,
    },
  };
}
