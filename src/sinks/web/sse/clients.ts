import type { ServerResponse } from "node:http";
import { type Clock, LifeguardError, type ResumeToken } from "../../../plugin/index.ts";
import { Channel, type Following } from "./channel.ts";
import { encodeItem } from "./encode.ts";

/** Most clients at once. */
const MAX_CLIENTS = 100;
/** Milliseconds between signs of life. */
const HEARTBEAT = 15_000;
/** Milliseconds a client may take to read what was sent before it is cut off; it can come back to where it was. */
const PATIENCE = 60_000;
/** Milliseconds after which a client that lost the connection comes back. */
const RETRY = 2000;

/**
 * The clients that follow events. Those who follow the same share a channel once they have caught up; until then, and whenever it reads
 * too slowly, each pulls for itself: what it has not read stays in the journal, not here.
 */
export class EventClients {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #clients = new Set<ServerResponse>();
  readonly #channels = new Map<string, { readonly channel: Channel; users: number }>();
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
   * @param after the last position that it has seen; undefined: from now on
   */
  async serve(response: ServerResponse, following: Following, after?: ResumeToken): Promise<void> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once("close", leave).once("error", leave);
    this.#clients.add(response);
    this.#counted(this.#clients.size);
    this.#beat();
    const channel = this.#enter(following);
    try {
      response.write(`retry: ${RETRY}\n\n`);
      let position: ResumeToken | null = after ?? following.head();
      while (position !== null) {
        position = channel.reaches(position)
          ? await channel.follow(response, position, gone.signal)
          : await this.#catchUp(response, following, channel, position, gone.signal);
        if (response.writableNeedDrain) await this.#drained(response, gone.signal);
      }
    } catch {
      // The client has gone or was too slow, or we are stopping: each ends in the same way.
    } finally {
      this.#leave(following);
      this.#clients.delete(response);
      this.#counted(this.#clients.size);
      response.end();
    }
  }

  /** Sends a named message, which says only that it is time to look, to everybody who keeps up. It has no position: the next one says the same. */
  tell(name: string): void {
    const message = `event: ${name}\ndata: {}\n\n`;
    for (const client of this.#clients) if (!client.writableNeedDrain) client.write(message);
  }

  /** The channel of all who follow the same, which lives as long as one of them. */
  #enter(following: Following): Channel {
    const { key } = following;
    const entry = this.#channels.get(key) ?? { channel: new Channel(following, this.#clock), users: 0 };
    this.#channels.set(key, entry);
    entry.users++;
    return entry.channel;
  }

  #leave({ key }: Following): void {
    const entry = this.#channels.get(key);
    if (!entry || --entry.users > 0) return;
    this.#channels.delete(key);
    entry.channel.close();
  }

  /** Pulls for one client until the channel reaches where it is. Returns null when the stream has ended. */
  async #catchUp(
    response: ServerResponse,
    following: Following,
    channel: Channel,
    after: ResumeToken,
    gone: AbortSignal,
  ): Promise<ResumeToken | null> {
    for await (const item of following.open(after, gone)) {
      gone.throwIfAborted();
      if (!response.write(encodeItem(item, following.pulse))) await this.#drained(response, gone);
      if (item.kind !== "gap" && channel.reaches(item.token)) return item.token;
    }
    return null;
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
