import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { selfSigned } from "./self-signed.ts";

/** Debian's own, which has Debian's aiosmtpd. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
const SERVER = new URL("smtp-server.py", import.meta.url).pathname;

/** Says loudly that tests are left out, and why; for `test.skipIf`. */
export function smtpMissing(): boolean {
  const python = spawnSync(PYTHON, ["-c", "import aiosmtpd"]).status === 0;
  const openssl = spawnSync("openssl", ["version"]).status === 0;
  if (python && openssl) return false;
  console.warn("SKIPPED: no mail server here (Debian: apt-get install python3-aiosmtpd openssl)");
  return true;
}

/** A mail as the server took it. */
export interface Mail {
  /** When it was taken, milliseconds since the epoch. */
  readonly at: number;
  /** Header by lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  /** Who it was for, by the envelope. */
  readonly to: readonly string[];
  readonly raw: string;
}

/** A real mail server (aiosmtpd) on a port of its own, with STARTTLS and a login. `await using` stops it and removes its folder. */
export class MailServer {
  readonly port: number;
  /** The certificate that clients have to trust. */
  readonly ca: string;
  readonly username = "lifeguard";
  readonly password = "correct horse battery staple";
  readonly #folder: string;
  #server: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.ca = join(folder, "certificate.pem");
  }

  /** Makes a certificate and starts a server. */
  static async start(): Promise<MailServer> {
    const folder = mkdtempSync(join(tmpdir(), "lifeguard-smtp-"));
    mkdirSync(join(folder, "mails"));
    const server = new MailServer(folder, await freePort());
    selfSigned(server.ca, join(folder, "key.pem"));
    await server.start();
    return server;
  }

  /** Starts it again, on the same port. */
  async start(): Promise<void> {
    const { username, password } = this;
    const args = [
      SERVER,
      String(this.port),
      this.#mails,
      this.ca,
      join(this.#folder, "key.pem"),
      username,
      password,
    ];
    // What goes wrong in a session, as a test wants it to, is told on standard error.
    const server = spawn(PYTHON, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#server = server;
    let output = "";
    server.stdout.on("data", (chunk) => {
      output += chunk;
    });
    await until("the mail server", () => output.includes("ready"));
  }

  /** `kill -9`: connections are cut, and nobody answers any more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
  }

  /** Makes it `busy`, let it `refuse`, let its `quota` be used up, fill the mailbox of an address, or know `no <address>`. Returns what ends that. */
  behave(how: string): () => void {
    const file = join(this.#mails, how);
    writeFileSync(file, "");
    return () => rmSync(file, { force: true });
  }

  /** What it took, in order. */
  mails(): readonly Mail[] {
    return readdirSync(this.#mails)
      .filter((name) => name.endsWith(".eml"))
      .sort()
      .map((name) => mailOf(Number.parseInt(name, 10) / 1e6, readFileSync(join(this.#mails, name), "utf8")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #mails(): string {
    return join(this.#folder, "mails");
  }
}

function mailOf(at: number, raw: string): Mail {
  const [head = ""] = raw.split("\r\n\r\n", 1);
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { at, headers, to: (headers.get("x-test-to") ?? "").split(" "), raw };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
