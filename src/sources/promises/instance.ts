import { dirname } from "node:path";
import { halMonitor, type Monitor, type Schedule, type SourceContext } from "../../plugin/index.ts";
import { writeAtomically } from "./atomic-write.ts";
import type { PromisesConfig } from "./config.ts";
import { eventType } from "./events.ts";
import { GlobalFiles } from "./global-files.ts";
import type { InstanceRecord, InstanceRecords } from "./instance-record.ts";
import type { Note } from "./note.ts";
import { NoteBook } from "./note-book.ts";
import { removeOwnerFile } from "./owner-file.ts";
import type { Place } from "./places.ts";
import { type PromiseSpec, sameRuns } from "./promise.ts";
import { type CheckTools, PromiseCheck, probeTimeout } from "./promise-check.ts";
import { makeFolder, type Silence } from "./result-files.ts";
import { retireInstance, retirePromise, tidyMoved } from "./retire.ts";
import { type Survey, type Surveyed, type SurveySettings, survey } from "./survey.ts";
import { keepLinks, planLinks } from "./trees.ts";

/** What all instances of a source share. */
export interface InstanceTools extends CheckTools {
  readonly ctx: Pick<SourceContext, "monitors" | "describe" | "signal" | "accept">;
  readonly records: InstanceRecords;
  readonly config: PromisesConfig;
}

interface Running {
  readonly check: PromiseCheck;
  readonly monitor: Monitor;
  /** What its last run printed about itself. */
  description: string | undefined;
  surveyed: Surveyed;
}

/** One instance: a set of promises, with the files around them. It looks at its folders when told to, and follows what changed. */
export class Instance {
  readonly place: Place;
  readonly #tools: InstanceTools;
  readonly #settings: SurveySettings;
  readonly #notes: NoteBook;
  readonly #global: GlobalFiles;
  readonly #running = new Map<string, Running>();
  #record: InstanceRecord | undefined;
  /** Path and text of the monitor.haljson that stands. */
  #halWritten: string | undefined;
  #pidFolder: string | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #closed = false;

  constructor(place: Place, settings: SurveySettings, tools: InstanceTools) {
    this.place = place;
    this.#settings = settings;
    this.#tools = tools;
    this.#notes = new NoteBook(tools.log);
    this.#global = new GlobalFiles(tools.clock, tools.log, tools.ctx.signal);
  }

  /** Promises that it runs. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Reads all its files and follows them. Looks do not overlap: one asked for meanwhile comes afterwards. Never rejects.
   */
  look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#keepLooking().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Looks at the age of every promise's last result. */
  async checkFreshness(): Promise<void> {
    for (const { check } of this.#running.values()) await check.checkFreshness();
  }

  /** Stops, and leaves everything as it is for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running.values()];
    this.#running.clear();
    this.#global.close();
    await end(running);
    if (this.#pidFolder !== undefined) await removeOwnerFile(this.#pidFolder);
  }

  /** Stops for good: the instance is gone, and takes along what it left. */
  async remove(): Promise<void> {
    await this.close();
    await this.#looking;
    await retireInstance(this.place.name, this.#tools.records, this.#tools.ctx);
  }

  async #keepLooking(): Promise<void> {
    while (this.#lookAgain && !this.#closed) {
      this.#lookAgain = false;
      try {
        const seen = await survey(this.place, this.#settings);
        if (this.#closed) return;
        await this.#follow(seen);
      } catch (error) {
        this.#tools.log.error("the instance's files could not be followed", {
          instance: this.place.name,
          error: (error as Error).message,
        });
      }
    }
  }

  async #follow(seen: Survey): Promise<void> {
    const { records } = this.#tools;
    this.#record ??= await records.get(this.place.name);
    this.#pidFolder = seen.pidFolder;
    const notes: Note[] = [...seen.notes];
    notes.push(...(await this.#makeFolders(seen)));
    if (this.#closed) return;

    const gone = await this.#withdraw(seen);
    if (this.#closed) return;
    for (const surveyed of seen.promises.values()) this.#enlist(surveyed);
    for (const id of gone.keys()) this.#global.delete(id);
    this.#describeInstance(seen);
    this.#global.follow({
      title: seen.title ?? this.place.name,
      rootTitle: seen.rootTitle,
      related: seen.related,
      base: this.place.base,
      publicFolder: seen.publicFolder,
      privateFolder: seen.privateFolder,
    });

    const before = this.#record;
    // What cannot be seen now is not for certain gone: it keeps its files and its subject.
    const kept = seen.incomplete ? before?.promises : {};
    const promises = {
      ...kept,
      ...Object.fromEntries([...seen.promises].map(([id, { spec }]) => [id, spec.subject])),
    };
    const roots = [seen.publicFolder, ...(seen.privateFolder ? [seen.privateFolder] : [])];
    const record = (links: InstanceRecord["links"]): InstanceRecord => ({
      publicFolder: seen.publicFolder,
      logFolder: seen.logFolder,
      roots,
      promises,
      links,
      halJson: seen.halJson,
    });
    const wanted = planLinks(seen.lists);
    const trees = await keepLinks({
      wanted: wanted.links,
      owned: before?.links ?? new Map(),
      roots: new Set([...roots, ...(before?.roots ?? [])]),
      remember: (links) => records.set(this.place.name, record(links)),
    });
    notes.push(...wanted.notes, ...trees.notes);
    await Promise.all(
      Object.entries(before?.promises ?? {})
        .filter(([id]) => promises[id] === undefined)
        .map(([id, subject]) => retirePromise(id, subject, before as InstanceRecord, this.#tools.ctx)),
    );
    if (before) await tidyMoved(before, record(trees.owned));
    this.#record = record(trees.owned);
    await records.set(this.place.name, this.#record);
    notes.push(...(await this.#writeHal(seen)));
    this.#notes.report(notes);
  }

  /** Ends the monitors of what is gone or is run in another way now. Returns what is gone. */
  async #withdraw(seen: Survey): Promise<Map<string, PromiseSpec>> {
    const gone = new Map<string, PromiseSpec>();
    const withdrawn: Running[] = [];
    for (const [id, running] of this.#running) {
      const { spec } = running.check;
      const now = seen.promises.get(id);
      if (now ? sameRuns(now.spec, spec) : seen.incomplete) continue;
      withdrawn.push(running);
      this.#running.delete(id);
      if (!now) gone.set(id, spec);
    }
    await end(withdrawn);
    return gone;
  }

  #enlist(surveyed: Surveyed): void {
    const { spec } = surveyed;
    let running = this.#running.get(spec.id);
    if (!running) {
      const { ctx, config } = this.#tools;
      const check = new PromiseCheck(spec, this.#tools, {
        described: (description) => this.#learn(spec.id, description),
        judged: (word) => this.#global.set(spec.id, word),
        silent: (silence) => this.#tellSilence(spec, silence),
      });
      const monitor = ctx.monitors.register({
        id: spec.subject,
        subject: spec.subject,
        schedule: spec.schedule,
        timeout: probeTimeout(config),
        jitter: jitterOf(spec.schedule, config.jitter),
        fail_after: config.fail_after,
        recover_after: config.recover_after,
        probe: (run) => check.probe(run),
      });
      running = { check, monitor, description: undefined, surveyed };
      this.#running.set(spec.id, running);
    }
    running.surveyed = surveyed;
    running.check.rename(spec.title);
    this.#describe(running);
  }

  /** Core tells what a run found; that there was none is ours to tell. */
  #tellSilence({ subject }: PromiseSpec, { reason, data }: Silence): void {
    const draft = { type: eventType("unknown"), subject, status: "unknown", message: reason, data } as const;
    this.#tools.ctx.accept([draft]).catch((error: Error) => {
      if (!this.#closed)
        this.#tools.log.warn("could not tell that there is no news", { subject, error: error.message });
    });
  }

  #learn(id: string, description: string): void {
    const running = this.#running.get(id);
    if (!running || running.description === description) return;
    running.description = description;
    this.#describe(running);
  }

  #describe({ surveyed: { spec, resources }, description }: Running): void {
    this.#tools.ctx.describe(spec.subject, {
      title: spec.title,
      description,
      instance: this.place.name,
      resources,
      commands: ["run"],
      public: true,
    });
  }

  #describeInstance(seen: Survey): void {
    this.#tools.ctx.describe(`instance/${this.place.name}`, {
      title: seen.title,
      links: seen.related.map((href) => ({ rel: "related_monitor", href })),
      resources: seen.resources,
      public: true,
    });
  }

  async #makeFolders({
    publicFolder,
    privateFolder,
    pidFolder,
    logFolder,
    halJson,
  }: Survey): Promise<Note[]> {
    const folders: Array<[string, number]> = [
      [publicFolder, 0o755],
      [pidFolder, 0o755],
      [logFolder, 0o700],
    ];
    if (privateFolder) folders.push([privateFolder, 0o700]);
    if (halJson) folders.push([dirname(halJson), 0o755]);
    const notes: Note[] = [];
    for (const [file, mode] of folders) {
      const error = await makeFolder(file, mode);
      if (error !== undefined) notes.push({ file, message: `the folder cannot be made: ${error}` });
    }
    return notes;
  }

  async #writeHal(seen: Survey): Promise<Note[]> {
    if (seen.halJson === undefined) return [];
    const services = [...seen.promises.values()].map(({ spec }) => ({ id: spec.id, title: spec.title }));
    const document = halMonitor(
      { title: seen.title ?? this.place.name, related: seen.related, services },
      this.place.base,
    );
    const text = `${JSON.stringify(document, null, 2)}\n`;
    const written = `${seen.halJson}\n${text}`;
    if (written === this.#halWritten) return [];
    try {
      await writeAtomically(seen.halJson, text);
      this.#halWritten = written;
      return [];
    } catch (error) {
      return [{ file: seen.halJson, message: `cannot be written: ${(error as Error).message}` }];
    }
  }
}

/** Ends monitors, and waits for what they run: no process may outlive the one that looks after it, and no file be written afterwards. */
async function end(running: readonly Running[]): Promise<void> {
  for (const { monitor } of running) monitor.close();
  await Promise.all(running.map(({ check }) => check.idle()));
}

/** A jitter as long as the interval would be no interval any more. */
function jitterOf(schedule: Schedule, jitter: number): number {
  return "every" in schedule ? Math.min(jitter, schedule.every / 10) : jitter;
}
