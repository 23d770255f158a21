import type { Clock, z } from "../../plugin/index.ts";
import type { notifyConfig } from "./config.ts";
import { mattermost } from "./presets/mattermost.ts";
import { ntfy } from "./presets/ntfy.ts";
import { pagerduty } from "./presets/pagerduty.ts";
import { plain } from "./presets/plain.ts";
import type { Preset } from "./presets/preset.ts";
import { slack } from "./presets/slack.ts";
import { teams } from "./presets/teams.ts";
import type { Target } from "./target.ts";

type Config = z.output<typeof notifyConfig>;

/** Makes the target that a configuration names. Only its own code is loaded: mail needs a large library. */
export async function makeTarget({ webhook, smtp, exec }: Config, clock: Clock): Promise<Target> {
  if (webhook) {
    const { url, method, headers, secret_headers, ca, timeout } = webhook;
    const { webhookTarget } = await import("./targets/webhook.ts");
    return webhookTarget(
      { url, method, headers: { ...headers, ...secret_headers }, ca, timeout, preset: presetOf(webhook) },
      clock,
    );
  }
  if (smtp) {
    const { username, password, ca, ...rest } = smtp;
    const { smtpTarget } = await import("./targets/smtp.ts");
    return smtpTarget({ ...rest, username, password, ca }, clock);
  }
  const { execTarget } = await import("./targets/exec.ts");
  return execTarget(exec as NonNullable<Config["exec"]>, clock);
}

function presetOf({ preset, body, routing_key, topic }: NonNullable<Config["webhook"]>): Preset {
  switch (preset) {
    case "slack":
      return slack;
    case "teams":
      return teams;
    case "mattermost":
      return mattermost;
    case "pagerduty":
      return pagerduty(routing_key as string);
    case "ntfy":
      return ntfy(topic as string);
    default:
      return plain(body);
  }
}
