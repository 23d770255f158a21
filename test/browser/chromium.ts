import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/until.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

/** The name of this machine's Chromium; undefined where there is none. */
export const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

type Reply = Record<string, unknown>;

/** One event of a trace; times in microseconds, `tdur` of its thread's processor time. */
interface Trace {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Keys that are no character of their own: what they type, and their codes. */
const NAMED: Record<string, readonly [text: string | undefined, code: number]> = {
  Enter: ["\r", 13],
  Escape: [undefined, 27],
  End: [undefined, 35],
  Home: [undefined, 36],
  ArrowLeft: [undefined, 37],
  ArrowRight: [undefined, 39],
  ArrowDown: [undefined, 40],
};

/** One tab, driven through the DevTools protocol. */
export class Tab {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  /** What the page complained about: errors, and violations of its policy. */
  readonly complaints: string[] = [];
  #last = 0;
  #trace: Trace[] = [];
  #traced = Promise.withResolvers<void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as {
        id?: number;
        method?: string;
        params?: Reply;
        result?: Reply;
      };
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message.result ?? {});
      else if (message.method === "Tracing.dataCollected")
        this.#trace.push(...(message.params as { value: Trace[] }).value);
      else if (message.method === "Tracing.tracingComplete") this.#traced.resolve();
      else if (message.method === "Runtime.exceptionThrown" || message.method === "Log.entryAdded")
        this.complaints.push(JSON.stringify(message.params));
    };
  }

  /** Sends one command of the protocol. */
  send(method: string, params: object = {}): Promise<Reply> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Opens an address and waits until it has loaded. */
  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    await this.until(
      `document.readyState === "complete" && location.href === ${JSON.stringify(new URL(url).href)}`,
    );
  }

  /** The value of an expression in the page. */
  async value<Value>(expression: string): Promise<Value> {
    const { result } = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    return (result as { value: Value }).value;
  }

  /** The text that a person reads in the first element that matches. */
  text(selector: string): Promise<string | null> {
    return this.value(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? null`);
  }

  /** Waits until an expression is true in the page; fails after fifteen seconds. */
  async until(expression: string): Promise<void> {
    await until(`true in the page: ${expression}`, () => this.value(`Boolean(${expression})`), 15_000);
  }

  /** Clicks the first element that matches, with a real mouse event. */
  async click(selector: string): Promise<void> {
    const place = await this.value<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "center" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const event = { ...place, button: "left", clickCount: 1 };
    await this.send("Input.dispatchMouseEvent", { type: "mousePressed", ...event });
    await this.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...event });
  }

  /** Presses a key, as its event names it. */
  async press(key: string): Promise<void> {
    const [text, windowsVirtualKeyCode] = NAMED[key] ?? [key, 0];
    const stroke = { key, windowsVirtualKeyCode };
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...stroke, text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...stroke });
  }

  /**
   * Watches the page's main thread while something else happens.
   * @returns its longest task in milliseconds: of processor time, which other work of the machine does not make longer, and as it passed
   */
  async longestTask(
    meanwhile: () => Promise<void>,
  ): Promise<{ readonly cpu: number; readonly wall: number }> {
    this.#trace = [];
    this.#traced = Promise.withResolvers();
    await this.send("Tracing.start", {
      transferMode: "ReportEvents",
      categories: "toplevel,devtools.timeline",
    });
    await meanwhile();
    await this.send("Tracing.end");
    await this.#traced.promise;
    const threads = this.#trace
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`);
    const tasks = this.#trace.filter(
      ({ name, pid, tid }) => name.endsWith("RunTask") && threads.includes(`${pid}/${tid}`),
    );
    if (tasks.every(({ tdur }) => tdur === undefined)) throw new Error("the trace tells no processor time");
    const longest = (key: "tdur" | "dur") => Math.max(...tasks.map((task) => task[key] ?? 0)) / 1000;
    return { cpu: longest("tdur"), wall: longest("dur") };
  }

  close(): void {
    this.#socket.close();
  }
}

/** A running Chromium with a profile of its own. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #port: string;

  private constructor(child: ChildProcess, profile: string, port: string) {
    this.#child = child;
    this.#profile = profile;
    this.#port = port;
  }

  /** Starts it, and waits until it can be driven. */
  static async start(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "lifeguard-chromium-"));
    const child = spawn(chromium as string, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
      child.once("exit", () => reject(new Error(`chromium ended: ${said}`)));
    });
    return new Browser(child, profile, port);
  }

  /** A new, empty tab. */
  async tab(): Promise<Tab> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}/json/new?about:blank`, { method: "PUT" });
    const { webSocketDebuggerUrl } = (await answer.json()) as { webSocketDebuggerUrl: string };
    const socket = new WebSocket(webSocketDebuggerUrl);
    await once(socket, "open");
    const tab = new Tab(socket);
    for (const domain of ["Page", "Runtime", "Log"]) await tab.send(`${domain}.enable`);
    return tab;
  }

  /** Ends it, and removes its profile. */
  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
