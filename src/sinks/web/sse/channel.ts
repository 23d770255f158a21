import type { Clock, ResumeToken, StreamItem } from "../../../plugin/index.ts";
import { encodeItem } from "./encode.ts";
import { type Position, positionOf } from "./position.ts";

/** Milliseconds between two frames: what happens within is told at once. The first event after a rest is told without delay. */
const WINDOW = 100;

/** What a client follows. */
export interface Following {
  /** Equal for all who are told the same: these share one stream. */
  readonly key: string;
  /** Whether only that something happened is told, and not what. */
  readonly pulse: boolean;
  /** The position of the newest event there is. */
  head(): ResumeToken;
  /** Opens the stream after a position. */
  open(after: ResumeToken, signal: AbortSignal): AsyncIterable<StreamItem>;
}

/** One who is told. */
export interface Listener {
  /** Returns false when it should be told nothing more until it has read that. */
  write(frame: Buffer): boolean;
}

interface Member {
  readonly listener: Listener;
  /** The last seq that it has seen. */
  seq: number;
  /** Ends its membership: with where it is when it reads too slowly, with null when the stream has ended. */
  readonly leave: (position: ResumeToken | null) => void;
}

/**
 * One stream for everybody who follows the same and has come to its end. It is read once, encoded once, and each is sent the same bytes.
 * Whoever does not keep up is let go, to read alone until it has caught up: nobody waits for it, and nothing is kept for it.
 */
export class Channel {
  readonly #following: Following;
  readonly #members = new Set<Member>();
  readonly #end = new AbortController();
  #position: Position;
  #ended = false;

  /** It begins now. */
  constructor(following: Following, clock: Clock) {
    const head = following.head();
    this.#following = following;
    this.#position = positionOf(head);
    void this.#run(head, clock);
  }

  /** Whether one who has seen everything up to here can be told the rest by this channel. */
  reaches(position: ResumeToken): boolean {
    const { epoch, seq } = positionOf(position);
    return epoch === this.#position.epoch && seq >= this.#position.seq;
  }

  /**
   * Tells a listener everything after a position that the channel reaches.
   * @returns where it is when it cannot keep up; null when the stream has ended
   * @throws the signal's reason
   */
  async follow(listener: Listener, position: ResumeToken, signal: AbortSignal): Promise<ResumeToken | null> {
    signal.throwIfAborted();
    if (this.#ended) return null;
    const { promise, resolve, reject } = Promise.withResolvers<ResumeToken | null>();
    const member: Member = { listener, seq: positionOf(position).seq, leave: resolve };
    const gone = () => reject(signal.reason);
    signal.addEventListener("abort", gone, { once: true });
    this.#members.add(member);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", gone);
      this.#members.delete(member);
    }
  }

  /** Ends it. */
  close(): void {
    this.#end.abort();
  }

  async #run(after: ResumeToken, clock: Clock): Promise<void> {
    const { signal } = this.#end;
    try {
      for await (const item of this.#following.open(after, signal)) {
        this.#tell(item);
        await clock.sleep(WINDOW, signal);
      }
    } catch {
      // The stream has failed or nobody is left: either way its members come back by themselves.
    } finally {
      this.#ended = true;
      for (const { leave } of this.#members) leave(null);
    }
  }

  #tell(item: StreamItem): void {
    const { pulse } = this.#following;
    const from = this.#position.seq;
    if (item.kind !== "gap") this.#position = positionOf(item.token);
    if (this.#members.size === 0) return;
    const shared = encodeItem(item, pulse);
    for (const member of this.#members) {
      const { listener, seq, leave } = member;
      const frame = seq > from && item.kind === "events" ? encodeItem(rest(item, seq), pulse) : shared;
      if (item.kind !== "gap") member.seq = Math.max(seq, this.#position.seq);
      if (listener.write(frame) || item.kind === "gap") continue;
      this.#members.delete(member);
      leave(`${this.#position.epoch}-${member.seq}`);
    }
  }
}

/** What of an item is news to somebody who has seen everything up to a seq. */
function rest(item: StreamItem & { kind: "events" }, seq: number): StreamItem {
  return { ...item, events: item.events.filter((envelope) => envelope.seq > seq) };
}
