import { defineSource, type SourceDefinition } from "lifeguard/plugin";
import { Harness, type HarnessOptions } from "lifeguard/testkit";
import { vimPingConfig } from "../../../../src/sources/vim-ping/config.ts";
import { vimEvents } from "../../../../src/sources/vim-ping/events.ts";
import { startVimPing } from "../../../../src/sources/vim-ping/start.ts";
import type { Network } from "./scripted-pinger.ts";

/** The source, whole, over a network that a test scripts. */
export function scriptedSource(network: Network): SourceDefinition {
  return defineSource({
    name: "vim-ping",
    summary: "vim-ping over a scripted network",
    config: vimPingConfig,
    events: vimEvents,
    start: (config, ctx) => startVimPing(config, ctx, network.open),
  });
}

/** Runs it in a whole core, as the source `vims`. */
export function runVims(
  network: Network,
  config: unknown,
  options: Omit<HarnessOptions, "sources"> = {},
): Promise<Harness> {
  return Harness.start({ ...options, sources: { vims: { definition: scriptedSource(network), config } } });
}

/** The state on the board of a VIM; undefined where there is none. */
export function stateOf(harness: Harness, subject: string): string | undefined {
  return harness.board.find(subject)[0]?.state;
}
