/** What an echo link tells of what it read. Calls come while `send` or `receive` runs. */
export interface EchoListener {
  /**
   * A reply with our token. `words[at…]` is its ICMP header and payload, `source[from…]` the address it came from (as in the table) and its
   * scope in the fifth word; `time` is when the system received it, in monotonic milliseconds.
   */
  reply(words: Uint32Array, at: number, source: Uint32Array, from: number, time: number): void;
  /** A reply to somebody else. */
  foreign(): void;
  /** An ICMP error about a request of ours, in words such as `host unreachable from 192.0.2.1`. */
  error(error: EchoError): void;
}

/** An ICMP error. */
export interface EchoError {
  readonly text: string;
  /** The request in question when enough of it was quoted. */
  readonly request: { readonly index: number; readonly nonce: number } | null;
  /** Else: where it was sent to, as in the table, and the low half of its round. */
  readonly destination: Uint32Array;
  readonly sequence: number;
}

/** Sends echo requests to targets of one address family, and reads what comes back. */
export interface EchoLink {
  /**
   * Sends the current requests of `count` targets, in order, without waiting and as far as one call goes.
   * @returns how many went out: at least one, or none and `errno` says why the first one did not
   */
  send(targets: Int32Array, count: number): number;
  readonly errno: number;
  /** When they went out: monotonic milliseconds just before the call. */
  readonly sentAt: number;
  /**
   * Reads all that has arrived.
   * @returns whether nothing is left and nothing was thrown away by the system since the last call
   */
  receive(): boolean;
  close(): void;
}
