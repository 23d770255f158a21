import type { Observation, ProbeRun, SelfDrivenMonitor, SourceContext } from "../../plugin/index.ts";
import type { Backlog } from "./backlog.ts";
import { EchoWatch } from "./echo-watch.ts";
import type { VimError } from "./events.ts";
import type { Finding } from "./finding.ts";
import { HostWatch } from "./host-watch.ts";
import { LookWatch } from "./look-watch.ts";
import type { Looks } from "./looks.ts";
import { monitorId } from "./monitor-id.ts";
import type { Names } from "./names.ts";
import { observationOf } from "./observation.ts";
import type { Pings } from "./pings.ts";
import type { References } from "./references.ts";
import { type Probe, staleAfter } from "./settings.ts";
import { Tally } from "./tally.ts";
import type { Vim } from "./vim.ts";
import type { Watch } from "./watch.ts";

/** What the monitors of all VIMs share. */
export interface MonitorTools {
  readonly ctx: Pick<SourceContext, "name" | "origin" | "monitors" | "clock" | "signal">;
  readonly pings: Pings;
  readonly names: Names;
  readonly looks: Looks;
  /** Undefined where no references are configured. */
  readonly references: References | undefined;
  readonly backlog: Backlog;
}

const REACHABLE = "REACHABLE";
const UNREACHABLE = "UNREACHABLE";
const UNKNOWN = "UNKNOWN";

/** Milliseconds from one reason for being unknown to the next that is told. */
const REASON_LASTS = 2000;

/** The monitor of one VIM: it watches, judges, tells and sums up. Reaped, it ends; its registry makes another. */
export class VimMonitor {
  #vim: Vim;
  /** Whether a miss is to be confirmed by another probe. */
  readonly #second: boolean;
  readonly #tools: MonitorTools;
  readonly #watch: Watch;
  readonly #host: HostWatch;
  readonly #monitor: SelfDrivenMonitor;
  readonly #tally = new Tally();
  #tallyBegan: number;
  #reportAt: number;
  /** Missed rounds that wait for what a reference says, oldest first. */
  #held: Finding[] = [];
  #stopWaiting: (() => void) | undefined;
  /** Whether an answer, or enough misses, were told since it was last unknown. */
  #settled = false;
  /** Missed rounds in a row that were not told yet. */
  #untold = 0;
  /** Why it is unknown, as told last, and when that was; undefined while it is not. */
  #reason: VimError | undefined;
  #reasonTold = 0;
  /** Whether a second opinion is being asked. */
  #asking = false;
  #closed = false;

  /**
   * Registers the monitor and begins to watch.
   * @param onReaped called when core deleted the monitor because it made no progress
   */
  constructor(vim: Vim, tools: MonitorTools, onReaped: () => void) {
    const { ctx, names } = tools;
    const { settings } = vim;
    this.#vim = vim;
    this.#tools = tools;
    this.#second = settings.probes.length > 1;
    this.#host = new HostWatch(vim.target, names);
    this.#watch = this.#watchOf(settings.probes[0] ?? "icmp");
    const now = ctx.clock.monotonic();
    this.#tallyBegan = now;
    // Summaries of thousands of VIMs are spread over the time between two of them.
    this.#reportAt = now + settings.report * (0.5 + Math.random() / 2);
    this.#monitor = ctx.monitors.register({
      id: monitorId(ctx.origin, ctx.name, vim.subject),
      subject: vim.subject,
      stale_after: staleAfter(settings),
      fail_after: settings.failAfter,
      recover_after: settings.recoverAfter,
      probe: (run) => this.#run(run),
    });
    this.#monitor.signal.addEventListener(
      "abort",
      () => {
        const { reason } = this.#monitor.signal;
        this.#end();
        if ((reason as { code?: unknown } | undefined)?.code === "MONITOR_STALE") onReaped();
      },
      { once: true },
    );
    this.#watch.start((finding) => this.#take(finding));
  }

  /** The VIM has another name, or other words, and is watched as before. */
  rename(vim: Vim): void {
    this.#vim = vim;
  }

  /** Unregisters. Idempotent. */
  close(): void {
    this.#monitor.close();
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#host.close();
    this.#stopWaiting?.();
  }

  #watchOf(probe: Probe): Watch {
    const { ctx, pings, looks } = this.#tools;
    const { clock, signal } = ctx;
    const parts = { vim: this.#vim, host: this.#host, pings, looks, clock, signal };
    return probe === "icmp" ? new EchoWatch(parts) : new LookWatch(parts, probe);
  }

  #take(finding: Finding): void {
    if (this.#closed) return;
    if (finding.outcome !== "miss" || !this.#second) this.#judge(finding);
    else if (!this.#asking) void this.#askAgain(finding);
  }

  /** A second opinion: the other probes in turn, until one is answered. */
  async #askAgain(first: Finding): Promise<void> {
    this.#asking = true;
    try {
      const { signal } = this.#tools.ctx;
      const finding = await this.#others(first, signal);
      if (!this.#closed) this.#judge(finding);
    } catch {
      // It ends with the source.
    } finally {
      this.#asking = false;
    }
  }

  async #others(first: Finding, signal: AbortSignal): Promise<Finding> {
    const reasons = [reasonOf(first)];
    for (const probe of this.#vim.settings.probes.slice(1)) {
      const finding = await this.#watchOf(probe).once(signal);
      if (finding.outcome === "answer") return finding;
      if (finding.outcome === "miss") reasons.push(reasonOf(finding));
    }
    return { ...first, reason: reasons.join(", ") };
  }

  #judge(finding: Finding): void {
    this.#tally.add(finding.sent, finding.times);
    const { references } = this.#tools;
    if (finding.outcome === "miss" && references) this.#hold(finding, references);
    else {
      this.#letGo();
      this.#tell(finding);
    }
    if (finding.ended >= this.#reportAt) this.#sumUp(finding.ended);
  }

  /** A missed round counts once a reference has shown that our own network was there. */
  #hold(finding: Finding, references: References): void {
    // What is held beyond the number that decides would decide nothing.
    if (this.#held.length > this.#vim.settings.failAfter) this.#held.shift();
    this.#held.push(finding);
    this.#stopWaiting ??= references.wait(() => this.#weigh(references));
    this.#weigh(references);
  }

  #weigh(references: References): void {
    while (this.#held[0]) {
      const finding = this.#held[0];
      const judgement = references.judge(finding.began);
      if (judgement === "open") return;
      this.#held.shift();
      this.#tell(judgement === "up" ? finding : ownNetwork(finding));
    }
    this.#letGo();
  }

  #letGo(): void {
    // A new list each round would live as long as the round, which the garbage collector is not made for.
    if (this.#held.length > 0) this.#held = [];
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }

  /** No finding is kept here: ten thousand that live from round to round would cost the garbage collector more than all rounds cost. */
  #tell(finding: Finding): void {
    if (finding.outcome === "miss") {
      this.#tellMiss(finding);
      return;
    }
    this.#untold = 0;
    this.#settled = finding.outcome === "answer";
    if (this.#settled) {
      this.#reason = undefined;
      this.#monitor.observe("ok", () => observationOf(this.#vim, finding), REACHABLE);
    } else this.#tellUnknown(finding);
  }

  /** Core makes an event when it turns unknown; another reason for that, which lasts, is told here. */
  #tellUnknown(finding: Finding): void {
    const first = this.#reason === undefined;
    this.#monitor.observe("unknown", () => observationOf(this.#vim, finding), UNKNOWN);
    if (!first && (finding.error === this.#reason || finding.ended - this.#reasonTold < REASON_LASTS)) return;
    this.#reason = finding.error ?? undefined;
    this.#reasonTold = finding.ended;
    const { subject } = this.#vim;
    if (!first) this.#tools.backlog.add({ ...observationOf(this.#vim, finding), subject });
  }

  /**
   * While nothing is known, core would make an event of a miss that is not confirmed yet; so misses are told together then, once there are
   * enough. They are told one by one where that would take so long that silence looks like a stuck monitor.
   */
  #tellMiss(finding: Finding): void {
    const { settings } = this.#vim;
    this.#untold += 1;
    const patient = (this.#untold + 1) * settings.timeout * settings.count < staleAfter(settings) / 2;
    if (!this.#settled && this.#untold < settings.failAfter && patient) return;
    const details = () => observationOf(this.#vim, finding);
    for (; this.#untold > 0; this.#untold--) this.#monitor.observe("critical", details, UNREACHABLE);
    this.#settled = true;
    this.#reason = undefined;
  }

  #sumUp(now: number): void {
    const { backlog } = this.#tools;
    const { settings, subject, name, target } = this.#vim;
    this.#reportAt = Math.max(this.#reportAt + settings.report, now);
    const seconds = Math.round(now - this.#tallyBegan) / 1000;
    const { sent, received } = this.#tally;
    if (sent > 0)
      backlog.add({
        type: "vim.measured",
        subject,
        message: `${received} of ${sent} requests answered in ${Math.round(seconds)} s`,
        measures: this.#tally.measures(),
        data: { vim: name, host: target.host, sent, received, seconds },
      });
    this.#tally.clear();
    this.#tallyBegan = now;
  }

  /** One look out of turn, for the command `run`. */
  async #run({ signal }: ProbeRun): Promise<Observation> {
    const first = await this.#watchOf(this.#vim.settings.probes[0] ?? "icmp").once(signal);
    const finding = first.outcome === "miss" ? await this.#others(first, signal) : first;
    const { references } = this.#tools;
    if (finding.outcome !== "miss" || !references) return observationOf(this.#vim, finding);
    const down = (await references.decide(finding.began, signal)) === "down";
    return observationOf(this.#vim, down ? ownNetwork(finding) : finding);
  }
}

function ownNetwork(finding: Finding): Finding {
  const reason = "none of the references answers either";
  return { ...finding, outcome: "unmeasured", error: "own-network", reason };
}

function reasonOf({ probe, reason }: Finding): string {
  return `${probe}: ${reason ?? "no answer"}`;
}
