import type { FastifyRequest } from "fastify";
import type { Principal, SinkContext } from "../../../plugin/index.ts";
import { type Credentials, parseBasic } from "../login/credentials.ts";
import { Failures } from "../login/failures.ts";
import type { Logins } from "../login/logins.ts";

/** Who sends a request, or why that is not looked at: the login is wrong, or was tried too often; `retry` is in seconds. */
export type Identity =
  | { readonly kind: "known"; readonly principal: Principal }
  | { readonly kind: "wrong" }
  | { readonly kind: "later"; readonly retry: number };

const WRONG: Identity = { kind: "wrong" };

/** Milliseconds between two words in the log about clients that fail too often. */
const QUIET = 60_000;

/** Finds out who sends a request. */
export class Doorkeeper {
  readonly #logins: Logins | undefined;
  readonly #failures: Failures;
  readonly #ctx: Pick<SinkContext, "clock" | "log">;
  readonly #failed: { add(): void };
  #quietUntil = Number.NEGATIVE_INFINITY;

  /** @param logins undefined: nobody is asked for one */
  constructor(logins: Logins | undefined, ctx: Pick<SinkContext, "clock" | "log" | "metrics">) {
    this.#logins = logins;
    this.#ctx = ctx;
    this.#failures = new Failures(ctx.clock);
    this.#failed = ctx.metrics.counter({ name: "web_failed_logins", help: "Logins that were wrong" });
  }

  /** Who says nothing about himself. */
  get stranger(): Principal {
    return { kind: this.#logins ? "anonymous" : "local" };
  }

  /** Finds out by the request's `Authorization`. Never rejects but when passwords cannot be checked at all. */
  async identify(request: FastifyRequest): Promise<Identity> {
    const { authorization } = request.headers;
    if (!this.#logins || authorization === undefined) return { kind: "known", principal: this.stranger };
    const credentials = parseBasic(authorization);
    if (!credentials) return WRONG;
    const { name } = credentials;
    // Whoever has logged in before is never shut out by those who try.
    if (this.#logins.isKnown(credentials)) return { kind: "known", principal: { kind: "user", name } };
    return this.#check(this.#logins, credentials, request.server.proxies.client(request.raw));
  }

  /** Calls back when it may be that whoever was let in would not be any more. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    return this.#logins?.onChange(listener) ?? (() => {});
  }

  async #check(logins: Logins, credentials: Credentials, client: string): Promise<Identity> {
    if (logins.busy) return { kind: "later", retry: 2 };
    const retry = this.#failures.begin(client);
    if (retry > 0) {
      this.#tell(client);
      return { kind: "later", retry };
    }
    let good: boolean;
    try {
      good = await logins.check(credentials);
    } catch (error) {
      this.#failures.forgive(client);
      throw error;
    }
    if (!good) {
      this.#failed.add();
      return WRONG;
    }
    this.#failures.forgive(client);
    return { kind: "known", principal: { kind: "user", name: credentials.name } };
  }

  #tell(client: string): void {
    const now = this.#ctx.clock.monotonic();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET;
    this.#ctx.log.warn("too many failed logins: further ones are refused for a while", { client });
  }
}
