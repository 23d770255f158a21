import type { Config, Problem } from "../core/config/model.ts";
import { type ControlServer, startControlServer } from "../core/control/server.ts";
import { createLogger, type LogLevel, type RootLogger } from "../core/log.ts";
import { Reloader } from "../core/pipeline/reloader.ts";
import { Pipeline } from "../core/pipeline.ts";
import { systemClock } from "../core/system-clock.ts";
import { LifeguardError } from "../plugin/errors.ts";
import { controlTarget } from "./control-target.ts";
import { EXIT } from "./exit-code.ts";
import { configLoader, pluginLoader } from "./load.ts";
import type { PlaceOptions } from "./options.ts";
import { printRefusal } from "./print-refusal.ts";
import { settleAfterStart } from "./settle.ts";
import { signals } from "./signals.ts";
import { colored } from "./terminal.ts";
import { version } from "./version.ts";

/** What `lifeguard run` may be told. */
export interface RunOptions extends PlaceOptions {
  readonly role?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly logLevel?: LogLevel | undefined;
}

/** Beyond the shutdown timeout, so much is left for what does not heed it. */
const FORCE_AFTER_MS = 2000;

/**
 * Runs until a signal stops it.
 * @returns the exit code: 0 after a clean stop, 78 for a bad configuration, 1 for any other failure
 */
export async function run(options: RunOptions): Promise<number> {
  const plugins = pluginLoader();
  const load = configLoader(options, plugins);
  const result = await load();
  if (!result.ok) {
    process.stderr.write(`${printRefusal(result, colored(process.stderr))}\n`);
    return EXIT.config;
  }
  if (options.dryRun) {
    const { printPlan } = await import("./plan.ts");
    process.stdout.write(await printPlan(result.config));
    return EXIT.ok;
  }
  const secrets = new Set(result.config.secrets);
  const log = await createLogger({ level: options.logLevel, secrets });
  surviveStrayErrors(log);
  if (signals().asked !== undefined) {
    log.info(`${signals().asked}: stopped before anything had started`);
    return process.exit(EXIT.ok);
  }
  let pipeline: Pipeline | undefined;
  void signals().stop.then((signal) => {
    log.info(`${signal}: stopping`);
    forceAfter(pipeline?.config ?? result.config, log);
  });
  log.info(`lifeguard ${version()} starts`, {
    config: result.config.file,
    data: result.config.dataDirectory,
    role: result.config.role,
  });
  warnOf(result.notices, log);
  try {
    pipeline = await Pipeline.start({ config: result.config, clock: systemClock, log });
    const reloader = new Reloader({
      pipeline,
      load,
      print: (refused) => printRefusal(refused, false),
      onConfig: ({ config, notices }) => {
        for (const secret of config.secrets) secrets.add(secret);
        warnOf(notices, log);
        for (const warning of plugins.warnings()) log.warn(warning);
      },
      clock: systemClock,
      log,
    });
    signals().onReload(() => {
      reloader.reload("SIGHUP").catch((error) => log.error("a reload failed", { error }));
    });
    const control = await serveControl(pipeline, reloader, log);
    settleAfterStart();
    await signals().stop;
    await Promise.all([control?.close(), reloader.stop()]);
    await pipeline.stop();
    log.info("stopped");
    return process.exit(EXIT.ok);
  } catch (error) {
    log.error(
      error instanceof LifeguardError ? error.message : `lifeguard failed: ${error}`,
      error instanceof LifeguardError ? { code: error.code } : { error },
    );
    return process.exit(EXIT.failure);
  }
}

function warnOf(notices: readonly Problem[], log: RootLogger): void {
  for (const { file, line, column, message } of notices) log.warn(`${file}:${line}:${column}: ${message}`);
}

/** Without the socket everything but the local commands works, so a directory that cannot hold one is no reason not to watch. */
async function serveControl(
  pipeline: Pipeline,
  reloader: Reloader,
  log: RootLogger,
): Promise<ControlServer | undefined> {
  try {
    const target = controlTarget(pipeline, reloader);
    return await startControlServer({
      socket: pipeline.engine.directory.controlSocket,
      target,
      log: log.child("control"),
    });
  } catch (error) {
    log.warn(
      `status, tap, check and reload cannot reach this process: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}

/** What a plugin throws outside every call, from a timer of its own, must not end what watches everything else. */
function surviveStrayErrors(log: RootLogger): void {
  const survive = (error: unknown) => log.error("an error outside every component; carrying on", { error });
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
}

function forceAfter({ shutdownTimeout }: Config, log: RootLogger): void {
  setTimeout(() => {
    log.error("the shutdown timeout has passed: some components would not stop");
    process.exit(EXIT.failure);
  }, shutdownTimeout + FORCE_AFTER_MS).unref();
}
