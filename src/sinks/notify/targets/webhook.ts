import type { Clock } from "../../../plugin/index.ts";
import { httpPost } from "../http-post.ts";
import type { Preset } from "../presets/preset.ts";
import type { Outcome, Target } from "../target.ts";

/** Where a webhook is, and how it is called. */
export interface WebhookOptions {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly preset: Preset;
}

/**
 * Tells a web service by HTTP. Every request carries the message's id as `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header), by which a receiver tells a repetition.
 */
export function webhookTarget(options: WebhookOptions, clock: Clock): Target {
  const { url, method, headers, ca, timeout, preset } = options;
  return {
    name: url.origin,
    most: preset.most,
    closes: preset.closes ?? false,
    async tell(telling, _, signal): Promise<Outcome> {
      for (const [index, body] of preset.bodies(telling).entries()) {
        const outcome = await httpPost(
          {
            url,
            method,
            headers: {
              "content-type": "application/json",
              "user-agent": "lifeguard",
              "idempotency-key": index === 0 ? telling.id : `${telling.id}-${index}`,
              ...headers,
            },
            body: JSON.stringify(body),
            timeout,
            ca,
          },
          clock,
          signal,
        );
        if (outcome.kind !== "told") return outcome;
      }
      return { kind: "told" };
    },
    close() {},
  };
}
