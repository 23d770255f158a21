import type { SourceContext } from "../../plugin/index.ts";
import { Backlog } from "./backlog.ts";
import { Card } from "./card.ts";
import type { VimPingConfig } from "./config.ts";
import { countPings } from "./counters.ts";
import { Discovery } from "./discovery.ts";
import { Known, type KnownVim } from "./known.ts";
import { Looks } from "./looks.ts";
import { Names } from "./names.ts";
import { type OpenPinger, Pings } from "./pings.ts";
import { References } from "./references.ts";
import { Registry } from "./registry.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { parseTarget } from "./target.ts";
import type { Vim } from "./vim.ts";
import { VimFiles } from "./vim-files.ts";

/** Starts the source. @param openPinger what asks by ICMP; opened when the first address is to be asked */
export async function startVimPing(
  config: VimPingConfig,
  ctx: SourceContext,
  openPinger: OpenPinger,
): Promise<void> {
  const settings = settingsOf(config);
  const card = new Card(ctx);
  const pings = keepPinger(ctx, openPinger, card);
  const { clock, signal } = ctx;
  const references = config.references && new References(config.references, settings, pings, clock);
  const tools = {
    ctx,
    pings,
    names: new Names({ clock, signal }),
    looks: new Looks({ clock, signal }),
    references,
    backlog: new Backlog(ctx),
  };
  const known = new Known(ctx.state);
  const before = await known.load();
  const registry = new Registry(ctx, tools, known, before);
  await registry.update(
    "config",
    (config.vims ?? []).map(({ name, auth_url, ...own }) => ({
      subject: `vim/${name}`,
      name,
      type: undefined,
      target: parseTarget(auth_url),
      // One object for all that have no options of their own: ten thousand rounds a second read it.
      settings: Object.keys(own).length === 0 ? settings : settingsOf(config, own),
    })),
  );
  if (config.files !== undefined)
    await followFiles(new VimFiles(config.files, settings, ctx.log), ctx, registry);
  const remembered = config.tacker ? vimsOf(before.get("tacker") ?? [], settings) : [];
  await registry.update("tacker", remembered);
  await registry.settle();
  if (config.tacker) {
    const discovery = new Discovery({
      ctx,
      config: config.tacker,
      settings,
      known: remembered,
      onVims: (vims) => registry.update("tacker", vims),
      onState: (words) => card.write("tacker", words),
    });
    const ended = discovery.run();
    ctx.onStop(() => ended);
  }
  countPings(ctx, pings);
}

function keepPinger(ctx: SourceContext, open: OpenPinger, card: Card): Pings {
  const backend = ctx.metrics.gauge({
    name: "vim_ping_backend",
    help: "1 for what asks by ICMP at present",
    labels: ["backend"],
  });
  let last: string | undefined;
  const pings = new Pings(ctx, open, ({ backend: found, trouble }) => {
    const name = found?.name ?? "none";
    if (last !== undefined && last !== name) backend.set(0, { backend: last });
    last = name;
    backend.set(1, { backend: name });
    if (found) {
      ctx.log.info(`VIMs are asked by ${found.name}: ${found.reason}`);
      card.write("icmp", `Echo requests by ${found.name}: ${found.reason}`);
    } else if (trouble) {
      ctx.log.error(`VIMs cannot be asked by ICMP (${trouble.error}): ${trouble.message}`);
      card.write("icmp", `No echo requests: ${trouble.message}`);
    }
  });
  ctx.onStop(() => pings.close());
  return pings;
}

/** Reads the files now, and again whenever something moves there. Looks do not overlap. */
async function followFiles(files: VimFiles, ctx: SourceContext, registry: Registry): Promise<void> {
  let looking: Promise<void> = Promise.resolve();
  const look = () => {
    looking = looking.then(async () => {
      try {
        await registry.update("files", await files.look());
      } catch (error) {
        if (!ctx.signal.aborted)
          ctx.log.error(`the VIM files could not be followed: ${(error as Error).message}`);
      }
    });
    return looking;
  };
  const watched = ctx.watch(files.watched).subscribe(() => void look());
  ctx.onStop(() => watched.unsubscribe());
  await look();
}

function vimsOf(known: readonly KnownVim[], settings: Settings): Vim[] {
  return known.flatMap(({ url, ...vim }) =>
    URL.canParse(url) ? [{ ...vim, target: parseTarget(url), settings }] : [],
  );
}
