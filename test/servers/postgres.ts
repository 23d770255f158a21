import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { until } from "../support/until.ts";

/** Where Debian and others put the programs, the newest version first. */
const FOLDERS = [
  ...globSync("/usr/lib/postgresql/*/bin").sort((a, b) => version(b) - version(a)),
  "/usr/bin",
  "/usr/local/bin",
];

/** The folder of PostgreSQL's programs; undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  return FOLDERS.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** Says loudly that tests are left out, and why; for `test.skipIf`. */
export function postgresMissing(): boolean {
  if (postgresPrograms() !== undefined) return false;
  console.warn("SKIPPED: PostgreSQL is not installed (Debian: apt-get install postgresql)");
  return true;
}

/** A real PostgreSQL with a folder and port of its own. `await using` stops it and removes the folder. */
export class Postgres {
  readonly port: number;
  /** Of the superuser, without a password: it listens on loopback only. */
  readonly url: string;
  readonly #programs: string;
  readonly #folder: string;
  readonly #identity: { uid?: number; gid?: number };
  #server: ChildProcess | undefined;
  #output = "";

  private constructor(
    programs: string,
    folder: string,
    port: number,
    identity: { uid?: number; gid?: number },
  ) {
    this.#programs = programs;
    this.#folder = folder;
    this.#identity = identity;
    this.port = port;
    this.url = `postgres://lifeguard@127.0.0.1:${port}/postgres`;
  }

  /** Makes a folder and starts a server on it. @throws where it is not installed */
  static async start(): Promise<Postgres> {
    const programs = postgresPrograms();
    if (programs === undefined) throw new Error("PostgreSQL is not installed");
    const identity = unprivileged();
    const folder = mkdtempSync(join(tmpdir(), "lifeguard-postgres-"));
    if (identity.uid !== undefined && identity.gid !== undefined)
      chownSync(folder, identity.uid, identity.gid);
    const data = join(folder, "data");
    execFileSync(
      join(programs, "initdb"),
      [
        "--pgdata",
        data,
        "--username",
        "lifeguard",
        "--auth",
        "trust",
        "--encoding",
        "UTF8",
        "--no-locale",
        "--no-sync",
      ],
      { ...identity, cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
    );
    const port = await freePort();
    writeFileSync(
      join(data, "postgresql.conf"),
      `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = ''\nmax_connections = 50\n`,
    );
    const server = new Postgres(programs, folder, port, identity);
    await server.start();
    return server;
  }

  /** Starts it again, on the same folder and port, and waits until it answers. */
  async start(): Promise<void> {
    await until(
      "PostgreSQL to answer",
      async () => {
        // After a kill the last of the old server's children may still hold its memory: then it is tried again.
        if (!this.#server || this.#server.exitCode !== null) this.#spawn();
        return this.query("select 1");
      },
      30_000,
    ).catch((cause) => {
      throw new Error(`PostgreSQL does not start: ${this.#output}`, { cause });
    });
  }

  /** Stops it, cutting what is under way. */
  stop(): Promise<void> {
    return this.#end("SIGINT");
  }

  /** `kill -9` of the server; its children notice and end by themselves. */
  crash(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Freezes it with all its connections: it takes what is sent, and answers nothing. Returns a function that lets it go on. */
  freeze(): () => void {
    const pid = this.#server?.pid as number;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    const send = (signal: NodeJS.Signals) => {
      for (const one of [pid, ...children])
        try {
          process.kill(one, signal);
        } catch {
          // A child that has ended meanwhile.
        }
    };
    send("SIGSTOP");
    return () => send("SIGCONT");
  }

  /**
   * Changes how it runs, without a restart.
   * @param access lines of pg_hba.conf for all but the superuser
   * @param settings by name
   */
  async configure(access: readonly string[], settings: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(settings))
      await this.query(`alter system set ${name} = '${value}'`);
    writeFileSync(
      join(this.#folder, "data", "pg_hba.conf"),
      ["host all lifeguard 127.0.0.1/32 trust", ...access, ""].join("\n"),
    );
    await this.query("select pg_reload_conf()");
  }

  /** Makes a certificate for 127.0.0.1 that has signed itself, and the key beside it, which only the server may read. */
  certificate(): { readonly cert: string; readonly key: string } {
    const [cert, key] = [join(this.#folder, "cert.pem"), join(this.#folder, "key.pem")];
    const subject = ["-subj", "/CN=history.example", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        ...subject,
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "pipe" },
    );
    const { uid, gid } = this.#identity;
    if (uid !== undefined && gid !== undefined) for (const path of [cert, key]) chownSync(path, uid, gid);
    return { cert, key };
  }

  /** Runs a statement as the superuser. @param url of another of its databases */
  async query<Row extends pg.QueryResultRow>(text: string, url = this.url): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #spawn(): void {
    const server = spawn(join(this.#programs, "postgres"), ["-D", join(this.#folder, "data")], {
      ...this.#identity,
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#server = server;
    server.stderr.on("data", (chunk: Buffer) => {
      this.#output = (this.#output + chunk).slice(-20_000);
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill(signal);
    await exit;
  }
}

/** The server refuses to run as root: then it runs as Debian's own user for it, else as nobody. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const user of ["postgres", "nobody"])
    try {
      const id = (flag: string) =>
        Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // There is no such user.
    }
  throw new Error("PostgreSQL does not run as root, and there is no other user to run it as");
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

function version(path: string): number {
  return Number(/postgresql\/(\d+)/.exec(path)?.[1] ?? 0);
}
