import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { LifeguardError, type SinkContext } from "../../../plugin/index.ts";
import type { Credentials } from "./credentials.ts";
import { type PasswordHash, parseHtpasswd } from "./htpasswd.ts";
import { Verifier } from "./verifier.ts";

/** Most logins that are remembered as good. */
const MAX_KNOWN = 1000;

/** What the seed's httpd was installed with. */
const DEFAULT: Credentials = { name: "admin", password: "admin" };

/** The logins of a password file, which it follows. A login that was good once costs no hashing until its line of the file changes. */
export class Logins {
  readonly #file: string;
  readonly #ctx: Pick<SinkContext, "log">;
  readonly #verifier = new Verifier();
  /** Of this process alone, so that what is remembered is of no use elsewhere. */
  readonly #secret = randomBytes(32);
  /** Key of a login that was good, and the name and the hash that it was good for. */
  readonly #known = new Map<string, { readonly name: string; readonly hash: string }>();
  readonly #listeners = new Set<() => void>();
  #hashes: ReadonlyMap<string, PasswordHash> = new Map();
  /** One of each cost. Each check works through all of them, so that its time tells nothing about the name. */
  #decoys: readonly PasswordHash[] = [];
  /** Checks under way, for those who send the same at the same time. */
  readonly #checking = new Map<string, Promise<boolean>>();
  #generation = 0;
  #reading = Promise.resolve();

  private constructor(file: string, ctx: Pick<SinkContext, "log">) {
    this.#file = file;
    this.#ctx = ctx;
  }

  /**
   * Reads the file, and again whenever it changes. One that cannot be used then is told, and the logins before it stay.
   * @throws LifeguardError `HTPASSWD` when the file cannot be used
   */
  static async open(file: string, ctx: Pick<SinkContext, "log" | "watch" | "onStop">): Promise<Logins> {
    const logins = new Logins(file, ctx);
    ctx.onStop(() => logins.#verifier.close());
    const watched = ctx.watch(file).subscribe(() => {
      logins.#reading = logins.#reading.then(() => logins.#reload());
    });
    ctx.onStop(() => watched.unsubscribe());
    await logins.#read();
    return logins;
  }

  /** Whether these are known to be good: cheap, and no answer to whether others are. */
  isKnown(credentials: Credentials): boolean {
    return this.#known.has(this.#keyOf(credentials));
  }

  /** Whether so many are being checked that no more can be. */
  get busy(): boolean {
    return this.#verifier.full;
  }

  /** Whether these are good. An unknown name takes as long as a known one. */
  check(credentials: Credentials): Promise<boolean> {
    const key = `${this.#generation} ${this.#keyOf(credentials)}`;
    let checking = this.#checking.get(key);
    if (!checking) {
      checking = this.#check(credentials).finally(() => this.#checking.delete(key));
      this.#checking.set(key, checking);
    }
    return checking;
  }

  /** Calls back when the file has changed, and with it who may do what. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #check(credentials: Credentials): Promise<boolean> {
    const { name, password } = credentials;
    const hash = this.#hashes.get(name);
    const first = hash ?? this.#decoys[0];
    if (first === undefined) return false;
    const others = this.#decoys.filter(({ cost }) => cost !== first.cost);
    const right = await this.#verifier.verify(password, [first, ...others]);
    // The file may have changed while this was worked on.
    if (!right || hash === undefined || this.#hashes.get(name)?.text !== hash.text) return false;
    this.#remember(this.#keyOf(credentials), { name, hash: hash.text });
    return true;
  }

  async #reload(): Promise<void> {
    try {
      await this.#read();
      this.#ctx.log.info(`${this.#hashes.size} logins read again`);
    } catch (error) {
      this.#ctx.log.error(`the logins stay as they were: ${(error as Error).message}`);
    }
  }

  async #read(): Promise<void> {
    const text = await readFile(this.#file, "utf8").catch((cause: NodeJS.ErrnoException) => {
      const hint = cause.code === "ENOENT" ? `; make the file with htpasswd -cB ${this.#file} <name>` : "";
      throw new LifeguardError("HTPASSWD", `the logins cannot be read: ${cause.message}${hint}`);
    });
    const hashes = parseHtpasswd(text, this.#file);
    this.#hashes = hashes;
    this.#decoys = [...new Map([...hashes.values()].map((hash) => [hash.cost, hash])).values()];
    this.#generation++;
    for (const [key, { name, hash }] of this.#known)
      if (hashes.get(name)?.text !== hash) this.#known.delete(key);
    for (const listener of [...this.#listeners]) listener();
    if (hashes.size === 0) this.#ctx.log.warn(`${this.#file} has no logins: nobody can log in`);
    void this.#warnOfDefault();
  }

  async #warnOfDefault(): Promise<void> {
    if (!this.#hashes.has(DEFAULT.name)) return;
    if (await this.check(DEFAULT).catch(() => false))
      this.#ctx.log.warn(
        `anybody can guess the password of ${DEFAULT.name}: change it with htpasswd -B ${this.#file} ${DEFAULT.name}`,
      );
  }

  #keyOf({ name, password }: Credentials): string {
    return createHmac("sha256", this.#secret).update(`${name.length}:${name}${password}`).digest("base64");
  }

  /** The oldest goes first. */
  #remember(key: string, login: { readonly name: string; readonly hash: string }): void {
    this.#known.set(key, login);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
  }
}
