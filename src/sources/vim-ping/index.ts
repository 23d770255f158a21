import { defineSource } from "../../plugin/index.ts";
import { vimPingConfig } from "./config.ts";
import { vimEvents } from "./events.ts";
import { startVimPing } from "./start.ts";

export default defineSource({
  name: "vim-ping",
  summary:
    "Whether VIMs (OpenStack, Kubernetes) can be reached, by echo requests: from a list, files, or a live Tacker",
  config: vimPingConfig,
  events: vimEvents,
  start: (config, ctx) =>
    startVimPing(config, ctx, async (options) => {
      const { openPinger } = await import("./pinger/index.ts");
      return openPinger(options);
    }),
});
