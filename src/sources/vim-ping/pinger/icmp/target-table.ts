import type { Address } from "../address.ts";

/** Most echo requests of one round: which were answered is remembered in 32 bits. */
export const MAX_COUNT = 32;

/** Where a target stands. */
export const FREE = 0;
/** Waits for its next round to begin. */
export const IDLE = 1;
/** Its request is to be sent. */
export const QUEUED = 2;
/** Its request is out. */
export const WAITING = 3;

/** What a target is asked with, as it crosses to the thread. Times in milliseconds. */
export interface TargetSpec {
  readonly index: number;
  readonly generation: number;
  readonly interval: number;
  readonly timeout: number;
  readonly count: number;
  readonly confirm: number;
  /** When in the interval its rounds begin: 0 to 1. */
  readonly phase: number;
}

/**
 * All targets, one row each, in columns: ten thousand of them change state every second, and none of that makes garbage. Times are monotonic
 * milliseconds.
 */
export class TargetTable {
  capacity = 0;
  /** Room for reply times in a row. */
  stride = 1;
  state = new Uint8Array(0);
  family = new Uint8Array(0);
  /** Four words a row, network order; IPv4 uses the first. */
  address = new Uint32Array(0);
  /** The interface of a link-local address; 0 for none or not known yet. */
  scope = new Uint32Array(0);
  generation = new Uint32Array(0);
  interval = new Float64Array(0);
  timeout = new Float64Array(0);
  count = new Uint8Array(0);
  confirm = new Uint16Array(0);
  /** Rounds missed in a row. */
  misses = new Uint32Array(0);

  /** Part of each request, known to this target only: nobody else can answer for it. */
  nonce = new Uint32Array(0);
  /** The nonce of the row's previous target, whose replies may still arrive. */
  retired = new Uint32Array(0);
  firstRound = new Uint32Array(0);
  round = new Uint32Array(0);
  /** Which of the last 32 rounds were answered, the latest in the lowest bit. */
  history = new Uint32Array(0);

  /** Requests of this round that went out, and the number of the one in hand. */
  sent = new Uint8Array(0);
  attempt = new Uint8Array(0);
  received = new Uint8Array(0);
  /** Which requests of this round were answered. */
  answered = new Uint32Array(0);
  /** Requests of this round whose silence says nothing, since the pinger was late. */
  spoiled = new Uint8Array(0);
  /** Reply times, `stride` a row. */
  times = new Float64Array(0);
  /** When the next regular round begins. */
  grid = new Float64Array(0);
  /** When the request in hand should have gone out, and when it did. */
  sendDue = new Float64Array(0);
  sentAt = new Float64Array(0);

  /** Makes room for a row, and for so many reply times in each. */
  reserve(index: number, count: number): void {
    if (count > this.stride) this.#widen(count);
    if (index < this.capacity) return;
    const capacity = Math.max(64, 2 ** Math.ceil(Math.log2(index + 1)));
    this.state = grown(this.state, capacity);
    this.family = grown(this.family, capacity);
    this.address = grown(this.address, 4 * capacity);
    this.scope = grown(this.scope, capacity);
    this.generation = grown(this.generation, capacity);
    this.interval = grown(this.interval, capacity);
    this.timeout = grown(this.timeout, capacity);
    this.count = grown(this.count, capacity);
    this.confirm = grown(this.confirm, capacity);
    this.misses = grown(this.misses, capacity);
    this.nonce = grown(this.nonce, capacity);
    this.retired = grown(this.retired, capacity);
    this.firstRound = grown(this.firstRound, capacity);
    this.round = grown(this.round, capacity);
    this.history = grown(this.history, capacity);
    this.sent = grown(this.sent, capacity);
    this.attempt = grown(this.attempt, capacity);
    this.received = grown(this.received, capacity);
    this.answered = grown(this.answered, capacity);
    this.spoiled = grown(this.spoiled, capacity);
    this.times = grown(this.times, this.stride * capacity);
    this.grid = grown(this.grid, capacity);
    this.sendDue = grown(this.sendDue, capacity);
    this.sentAt = grown(this.sentAt, capacity);
    this.capacity = capacity;
  }

  /** Fills a row anew. `nonce` and `round` are random numbers of 32 bits. */
  fill(spec: TargetSpec, address: Address, nonce: number, round: number): void {
    const { index } = spec;
    this.reserve(index, spec.count);
    this.family[index] = address.family;
    const words = new Uint32Array(address.bytes.slice().buffer);
    this.address.fill(0, 4 * index, 4 * index + 4);
    this.address.set(words, 4 * index);
    this.scope[index] = 0;
    this.generation[index] = spec.generation;
    this.interval[index] = spec.interval;
    this.timeout[index] = spec.timeout;
    this.count[index] = spec.count;
    this.confirm[index] = spec.confirm;
    this.misses[index] = 0;
    this.retired[index] = this.nonce[index] as number;
    this.nonce[index] = nonce;
    this.firstRound[index] = round;
    this.round[index] = round;
    this.history[index] = 0;
    this.sent[index] = 0;
    this.attempt[index] = 0;
    this.received[index] = 0;
    this.answered[index] = 0;
    this.spoiled[index] = 0;
  }

  #widen(stride: number): void {
    const times = new Float64Array(stride * this.capacity);
    for (let index = 0; index < this.capacity; index++)
      times.set(this.times.subarray(this.stride * index, this.stride * (index + 1)), stride * index);
    this.times = times;
    this.stride = stride;
  }
}

function grown<Column extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  column: Column,
  length: number,
): Column {
  const larger = new (column.constructor as new (length: number) => Column)(length);
  larger.set(column);
  return larger;
}
