import { defineSink } from "../../plugin/index.ts";
import { notifyConfig } from "./config.ts";
import { makeTarget } from "./make-target.ts";
import { notifySink } from "./sink.ts";

/** Most changes that wait to be told; beyond it the book of what stands remembers, within the bound on subjects. */
const CAPACITY = 10_000;

/** Tells whoever should know that something went bad, and that it is over: once each. */
export default defineSink({
  name: "notify",
  summary:
    "Messages to people and machines: webhooks (Slack, Teams, Mattermost, PagerDuty, ntfy), mail, an executable",
  delivery: "durable",
  config: notifyConfig,
  async start(config, ctx) {
    const {
      after,
      repeat,
      group_wait: groupWait,
      list: listed,
      page_url: pageUrl,
      keep,
      backoff: pace,
    } = config;
    const target = await makeTarget(config, ctx.clock);
    return notifySink(
      { after, repeat, groupWait, listed, pageUrl, keep, pace, capacity: CAPACITY },
      target,
      ctx,
    );
  },
});
