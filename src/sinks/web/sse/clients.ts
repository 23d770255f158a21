import type { ServerResponse } from "node:http";
import { type Clock, LifeguardError, type StreamItem } from "../../../plugin/index.ts";
import { encodeEnvelope, encodeOther, epochOf } from "./encode.ts";

/** Most clients at once. */
const MAX_CLIENTS = 100;
/** Milliseconds between signs of life. */
const HEARTBEAT = 15_000;
/** Milliseconds a client may take to read what was sent before it is cut off; it can come back to where it was. */
const PATIENCE = 60_000;
/** Milliseconds after which a client that lost the connection comes back. */
const RETRY = 2000;

/** The clients that follow events. Each pulls for itself: what a slow one has not read stays in the journal, not here. */
export class EventClients {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #clients = new Set<ServerResponse>();
  readonly #counted: (clients: number) => void;
  #beating = false;

  /**
   * @param signal ends every client
   * @param counted is told how many clients there are whenever that changes
   */
  constructor(clock: Clock, signal: AbortSignal, counted: (clients: number) => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#counted = counted;
  }

  /** Whether there is no room for one more. */
  get full(): boolean {
    return this.#clients.size >= MAX_CLIENTS;
  }

  /**
   * Serves one client until it leaves, the stream ends, or it reads too slowly. Never rejects.
   * @param open opens the stream; its signal aborts when the client has gone
   */
  async serve(
    response: ServerResponse,
    open: (signal: AbortSignal) => AsyncIterable<StreamItem>,
  ): Promise<void> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once("close", leave).once("error", leave);
    this.#clients.add(response);
    this.#counted(this.#clients.size);
    this.#beat();
    try {
      await this.#write(response, `retry: ${RETRY}\n\n`, gone.signal);
      for await (const item of open(gone.signal)) await this.#send(response, item, gone.signal);
    } catch {
      // The client has gone or was too slow, or we are stopping: each ends in the same way.
    } finally {
      this.#clients.delete(response);
      this.#counted(this.#clients.size);
      response.end();
    }
  }

  async #send(response: ServerResponse, item: StreamItem, gone: AbortSignal): Promise<void> {
    if (item.kind !== "events") {
      for (const message of encodeOther(item)) await this.#write(response, message, gone);
      return;
    }
    const epoch = epochOf(item.token);
    for (const envelope of item.events) await this.#write(response, encodeEnvelope(envelope, epoch), gone);
    // A message without data only moves the position: past what a filter left out, a client need not look again.
    if (item.token !== `${epoch}-${item.events.at(-1)?.seq}`)
      await this.#write(response, `id: ${item.token}\n\n`, gone);
  }

  #write(response: ServerResponse, bytes: string | Buffer, gone: AbortSignal): Promise<void> | undefined {
    gone.throwIfAborted();
    return response.write(bytes) ? undefined : this.#drained(response, gone);
  }

  #drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        cancel();
        response.off("drain", done);
        gone.removeEventListener("abort", fail);
        resolve();
      };
      const fail = () => {
        cancel();
        response.off("drain", done);
        reject(gone.reason);
      };
      const cancel = this.#clock.setTimeout(
        () => response.destroy(new LifeguardError("CLIENT_SLOW", "the client does not read its events")),
        PATIENCE,
        this.#signal,
      );
      response.once("drain", done);
      gone.addEventListener("abort", fail, { once: true });
    });
  }

  /** One timer for all clients, while there are any. */
  #beat(): void {
    if (this.#beating) return;
    this.#beating = true;
    this.#clock.setTimeout(
      () => {
        this.#beating = false;
        if (this.#clients.size === 0) return;
        for (const client of this.#clients) if (!client.writableNeedDrain) client.write(": heartbeat\n\n");
        this.#beat();
      },
      HEARTBEAT,
      this.#signal,
    );
  }
}
