import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Logger, Observation, ProbeRun } from "../../plugin/index.ts";
import type { PromisesConfig } from "./config.ts";
import { eventType } from "./events.ts";
import type { Freshness } from "./freshness.ts";
import { killGroup } from "./kill-group.ts";
import { type Held, type Lock, takeLock } from "./lock.ts";
import type { PromiseSpec } from "./promise.ts";
import { resultData } from "./result-data.ts";
import { ResultFiles, type Silence } from "./result-files.ts";
import { KILL_WAIT, type RunEnd, type Runner, type RunRequest, type RunResult } from "./runner.ts";
import { ServiceLog } from "./service-log.ts";
import { NOTHING } from "./tail-buffer.ts";
import { judge } from "./verdict.ts";

/** Longest time, in milliseconds, that a run waits for another process that runs the same promise. */
const PATIENCE = 5000;

/** Milliseconds that everything around a run may take on a busy machine. */
const MARGIN = 5000;

/** Milliseconds by which the age of a process that somebody else started may be wrong. */
const AGE_ERROR = 1000;

/** How often, and after how many milliseconds, a file that somebody is just writing is tried again. */
const BUSY_TRIES = 5;
const BUSY_WAIT = 40;

/** Reasons for files not written that are remembered, so that each is told once. */
const MANY_COMPLAINTS = 10;

/** What all promises of a source have in common. */
export interface CheckTools {
  readonly runner: Runner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly freshness: Freshness;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: RunRequest["user"];
  readonly config: Pick<PromisesConfig, "timeout" | "grace" | "mode" | "nice" | "history" | "jitter">;
}

/** Who wants to know what a promise's runs say. */
export interface CheckListener {
  /** A run printed a description of the promise. */
  described(description: string): void;
  /** The word of status.json, after each run and when there is no news for too long. */
  judged(word: string): void;
  /** There was no result for too long. */
  silent(silence: Silence): void;
}

/** Deadline for core, in milliseconds: beyond everything that a run may take, so that the run's own, better account of itself comes first. */
export function probeTimeout({ timeout, grace }: Pick<PromisesConfig, "timeout" | "grace">): number {
  return Math.min(timeout, PATIENCE) + timeout + grace + KILL_WAIT + MARGIN;
}

/** One promise: runs it under its lock, reads its verdict, writes its files and tells the event. */
export class PromiseCheck {
  readonly spec: PromiseSpec;
  readonly #tools: CheckTools;
  readonly #listener: CheckListener;
  readonly #files: ResultFiles;
  readonly #log: ServiceLog;
  readonly #registered: number;
  #running = false;
  #probed: Promise<unknown> | undefined;
  /** By the clock that only goes forward: when silence becomes too long. */
  #staleAt = 0;
  #stale = false;
  readonly #complaints = new Set<string>();

  constructor(spec: PromiseSpec, tools: CheckTools, listener: CheckListener) {
    this.spec = spec;
    this.#listener = listener;
    this.#tools = tools;
    this.#files = new ResultFiles({ ...spec, history: tools.config.history });
    this.#log = new ServiceLog(spec.logFile);
    this.#registered = tools.clock.now();
    this.#expectNext();
  }

  /** Gives it another title, from its next result on. */
  rename(title: string | undefined): void {
    this.#files.title = title;
  }

  /** Runs once. Never rejects. */
  probe(run: Pick<ProbeRun, "signal">): Promise<Observation> {
    const probed = this.#probe(run);
    this.#probed = probed;
    return probed;
  }

  /** Resolves when nothing of it runs: no process, and no file is being written. Never rejects. */
  async idle(): Promise<void> {
    await this.#probed;
  }

  async #probe({ signal }: Pick<ProbeRun, "signal">): Promise<Observation> {
    const { clock, config } = this.#tools;
    this.#running = true;
    const started = clock.now();
    const { result, lock } = await this.#run(signal);
    const verdict = judge(result, this.spec.id, config.mode);
    const ended = clock.now();
    const changed = await this.#files.changedAt(verdict.word, ended);
    const data = resultData(verdict, { started, ended, duration: result.duration, changed });
    // A run that lifeguard itself broke off says nothing; what stood in the files goes on standing.
    if (result.end.kind !== "stopped") {
      this.#listener.judged(verdict.word);
      await this.#write(() => this.#files.write(data));
      await this.#write(() =>
        this.#log.add({ date: String(data.date), word: verdict.word, message: verdict.line }),
      );
    }
    await lock?.release(result.left);
    this.#running = false;
    this.#stale = false;
    this.#expectNext();
    if (verdict.description !== undefined) this.#listener.described(verdict.description);
    const { message, ...rest } = data;
    return {
      status: verdict.status,
      type: eventType(verdict.status),
      state: verdict.state,
      message: verdict.line,
      measures: verdict.measures,
      data: message === verdict.line ? rest : data,
    };
  }

  /** Looks whether its last result has become too old, and says so, once: to who listens, and in its file. */
  async checkFreshness(): Promise<void> {
    const { clock } = this.#tools;
    if (this.#running || this.#stale || clock.monotonic() < this.#staleAt) return;
    this.#stale = true;
    const silence = await this.#files.silence(this.#registered, clock.now());
    if (this.#running || !this.#stale) return;
    this.#listener.judged("BAD");
    this.#listener.silent(silence);
    await this.#write(() => this.#files.writeSilence(silence));
  }

  async #run(signal: AbortSignal): Promise<{ result: RunResult; lock?: Lock }> {
    const { refused, file, workingDirectory } = this.spec;
    if (refused !== undefined) return { result: nothing({ kind: "refused", reason: refused }) };
    let lock: Lock | Held;
    try {
      lock = await this.#lock(signal);
    } catch (error) {
      return {
        result: nothing({ kind: "impossible", reason: `could not be locked: ${(error as Error).message}` }),
      };
    }
    if ("heldBy" in lock) {
      const since = `${Math.round(lock.age / 1000)} s`;
      const reason = `not run: process ${lock.heldBy} has been running it for ${since}`;
      return { result: nothing(signal.aborted ? { kind: "stopped" } : { kind: "impossible", reason }) };
    }
    const { runner, config, environment, user } = this.#tools;
    const { holdFor } = lock;
    const request: RunRequest = {
      file,
      workingDirectory,
      environment,
      timeout: config.timeout,
      grace: config.grace,
      nice: config.nice,
      user,
      signal,
      onSpawn: (pid) => holdFor(pid),
    };
    let result = await runner.run(request);
    for (let tries = 1; tries < BUSY_TRIES && isBusy(result.end) && !signal.aborted; tries++) {
      await sleep(BUSY_WAIT * tries);
      result = await runner.run(request);
    }
    return { result, lock };
  }

  async #lock(signal: AbortSignal): Promise<Lock | Held> {
    const { timeout, grace } = this.#tools.config;
    const request = { path: this.spec.lockFile, executable: this.spec.file, signal };
    const lock = await takeLock({ ...request, patience: Math.min(timeout, PATIENCE) });
    if (!("heldBy" in lock) || !lock.orphan || lock.age < timeout + grace + AGE_ERROR || signal.aborted)
      return lock;
    // A killed lifeguard left it, and it has had its time: nobody else will ever stop it.
    killGroup(lock.heldBy, "SIGKILL");
    return takeLock({ ...request, patience: KILL_WAIT });
  }

  #expectNext(): void {
    const { clock, freshness, config } = this.#tools;
    const slack = probeTimeout(config) + config.jitter;
    this.#staleAt = clock.monotonic() + freshness.allowance(this.spec.schedule, slack, clock.now());
  }

  /** Files are for others to read; when they cannot be written, the event still tells. Complains once for each reason. */
  async #write(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const { message } = error as Error;
      if (this.#complaints.has(message)) return;
      if (this.#complaints.size >= MANY_COMPLAINTS) this.#complaints.clear();
      this.#complaints.add(message);
      this.#tools.log.warn("a file of a result cannot be written", {
        promise: this.spec.subject,
        error: message,
      });
    }
  }
}

function isBusy(end: RunEnd): boolean {
  return end.kind === "refused" && end.errno === "ETXTBSY";
}

function nothing(end: RunEnd): RunResult {
  return { end, stdout: NOTHING, stderr: NOTHING, duration: 0, left: false };
}
