import type { Authorize, Clock, EventDraft, Health, OpenStream, ResumeToken } from "../../plugin/index.ts";
import { authorizer } from "../authorize.ts";
import { LiveBoard } from "../board.ts";
import { Bus } from "../bus.ts";
import { commandAudit } from "../commands/audit.ts";
import { Commands } from "../commands.ts";
import type { Config } from "../config/model.ts";
import type { DataDirectory } from "../data-directory.ts";
import { openDataDirectory } from "../data-directory.ts";
import { Intake } from "../intake/intake.ts";
import { openJournal } from "../journal/journal.ts";
import type { Journal } from "../journal/port.ts";
import type { RootLogger } from "../log.ts";
import { MetricsRegistry } from "../metrics.ts";
import { MonitorManager } from "../monitors/manager.ts";
import { Recent } from "../recent.ts";
import { SilenceKeeper } from "../silences/keeper.ts";
import { ActiveSilences } from "../silences/silences.ts";
import { Published } from "../streams/published.ts";
import { currentPosition, openStreams } from "../streams.ts";
import { type Component, Supervisor } from "../supervisor.ts";
import { ConfigHealth } from "./config-health.ts";
import { Histories } from "./histories.ts";
import { JournalTrust } from "./journal-trust.ts";
import { OwnHealth } from "./own-health.ts";

/** The component that says whether the running configuration is the one on disk. */
const CONFIG = "core/config";

/** How much of the journal the ring holds at the start: enough to look at, little enough to cost no time. */
const RECENT_AT_START = 200;
const RECENT_BYTES_AT_START = 2 ** 30;

/** Everything that sources and sinks share: one of each in a process. */
export interface Engine {
  readonly clock: Clock;
  readonly log: RootLogger;
  readonly directory: DataDirectory;
  readonly journal: Journal;
  readonly recent: Recent;
  readonly bus: Bus;
  readonly board: LiveBoard;
  readonly intake: Intake;
  readonly streams: OpenStream;
  /** The position of the newest event that the board and the streams have seen. */
  readonly position: () => ResumeToken;
  readonly published: Published;
  readonly metrics: MetricsRegistry;
  readonly supervisor: Supervisor;
  readonly monitors: MonitorManager;
  readonly commands: Commands;
  readonly authorize: Authorize;
  readonly silences: ActiveSilences;
  readonly silenceKeeper: SilenceKeeper;
  readonly histories: Histories;
  readonly own: OwnHealth;
  readonly configHealth: ConfigHealth;
  readonly health: Health;
  /** Closes all of it, committing what waits until the signal aborts. */
  close(deadline: AbortSignal): Promise<void>;
}

/** What an engine is made from. */
export interface EngineOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: RootLogger;
  /** Monitors register but run only by command, as for `lifeguard check`. */
  readonly idle?: boolean | undefined;
  /** Told when retention took events that a sink had not read. */
  readonly onPruned: (sink: string) => void;
}

/**
 * Opens data directory and journal, and wires what lies between sources and sinks.
 * @throws LifeguardError `DATA_LOCKED`, `DATA_DIRECTORY`, `JOURNAL_NEWER`, `JOURNAL_OPEN`
 */
export async function openEngine({ config, clock, log, idle, onPruned }: EngineOptions): Promise<Engine> {
  const directory = openDataDirectory(config.dataDirectory);
  const lifetime = new AbortController();
  const bus = new Bus({
    onError: (name, error) => log.error(`a subscriber of the bus failed: ${name}`, { error }),
  });
  let journalComponent: Component | undefined;
  let trust: JournalTrust | undefined;
  const journal = await openJournal({
    path: directory.journalFile,
    originFile: directory.originFile,
    options: config.journal,
    clock,
    log: log.child("journal"),
    onCommitted: (envelopes) => bus.publish(envelopes),
    onDropped: (drops) => {
      for (const { sink } of drops) onPruned(sink);
    },
    onStatus: ({ failing }) => {
      journalComponent?.to(failing === null ? "ok" : "recoverable", failing ?? "");
      trust?.tell(failing);
    },
  }).catch((error) => {
    directory.close();
    throw error;
  });
  const metrics = new MetricsRegistry();
  // The ring begins with what was last before the restart, so that the page's recent events are not empty.
  const begin = Math.max(journal.oldest - 1, journal.head - RECENT_AT_START);
  const recent = new Recent({ capacity: config.limits.recent, head: begin });
  recent.push(journal.read(begin, RECENT_AT_START, RECENT_BYTES_AT_START));
  const board = new LiveBoard({ journal, recent, clock });
  trust = new JournalTrust({ board, journal, clock, signal: lifetime.signal });
  bus.subscribeGroups("recent", (envelopes) => recent.push(envelopes));
  bus.subscribeGroups("board", (envelopes) => board.apply(envelopes));
  const published = new Published({ journal, recent, bus });
  const intake = new Intake({
    journal,
    limits: config.limits,
    clock,
    log: log.child("intake"),
    metrics: metrics.core,
  });
  const own = new OwnHealth(intake);
  const supervisor = new Supervisor({
    clock,
    log,
    onChange: (health) => {
      own.component(health);
      const [kind, name] = health.id.split("/");
      if (kind === "source" && name !== undefined) {
        const failing = health.state === "recoverable" || health.state === "permanent";
        board.distrust(name, failing ? `source ${name} is not running: ${health.message}` : null);
      }
    },
  });
  journalComponent = supervisor.add("core/journal", "core");
  journalComponent.to("ok");
  const configHealth = new ConfigHealth(supervisor.add(CONFIG, "core"), metrics.core, own);
  const monitors = new MonitorManager({ clock, log: log.child("monitors"), idle });
  const commands = new Commands({
    clock,
    log: log.child("commands"),
    audit: commandAudit(log.child("audit"), own),
  });
  const silences = new ActiveSilences();
  const emit = (draft: EventDraft) => own.emit(draft);
  const silenceKeeper = new SilenceKeeper({ active: silences, journal, intake, emit, clock });
  journalMetrics(metrics, journal, monitors);
  const silenced = metrics.core.gauge({
    name: "silences",
    help: "Silences and maintenance windows that hold",
  });
  metrics.core.onCollect(() => silenced.set(silences.active().length));
  return {
    clock,
    log,
    directory,
    journal,
    recent,
    bus,
    board,
    intake,
    streams: openStreams({ journal, published, board, signal: lifetime.signal }),
    position: () => currentPosition({ journal, published }),
    published,
    metrics,
    supervisor,
    monitors,
    commands,
    authorize: authorizer(board),
    silences,
    silenceKeeper,
    histories: new Histories(),
    own,
    configHealth,
    health: {
      components: () => supervisor.components(),
      // A refused file is told, but changes nothing of what runs.
      ready: () => supervisor.ready(CONFIG),
      configError: () => configHealth.error,
      metrics: () => metrics.text(),
    },
    async close(deadline) {
      silenceKeeper.close();
      await journal.close(deadline);
      lifetime.abort(new DOMException("lifeguard stops", "AbortError"));
      metrics.close();
      directory.close();
    },
  };
}

function journalMetrics(metrics: MetricsRegistry, journal: Journal, monitors: MonitorManager): void {
  const gauge = (name: string, help: string) => metrics.core.gauge({ name, help });
  const events = gauge("journal_events", "Events in the journal");
  const bytes = gauge("journal_bytes", "Size of the journal");
  const unread = gauge("journal_unread_bytes", "Bytes that the slowest durable sink has not read");
  const head = gauge("journal_head", "Position of the newest event");
  const failing = gauge("journal_failing", "1 while commits fail and are retried");
  const registered = gauge("monitors", "Registered monitors");
  const running = gauge("monitors_running", "Probes under way");
  const queued = gauge("monitors_queued", "Probes that are due and wait for room");
  const lag = gauge("monitors_lag_seconds", "How late runs began, at worst, in the last seconds");
  const reaped = gauge("monitors_reaped", "Monitors deleted since the start for want of progress");
  metrics.core.onCollect(() => {
    const status = journal.status();
    events.set(status.events);
    bytes.set(status.bytes);
    unread.set(status.unreadBytes);
    head.set(journal.head);
    failing.set(status.failing === null ? 0 : 1);
    const stats = monitors.stats();
    registered.set(stats.registered);
    running.set(stats.running);
    queued.set(stats.queued);
    lag.set(stats.lag / 1000);
    reaped.set(stats.reaped);
  });
}
