import type { Clock } from "../../plugin/index.ts";
import { Link, LinkedList } from "./linked-list.ts";

/** Milliseconds of one tick: how late a call may be beyond its due time. */
export const TICK = 10;

/** Longest sleep in milliseconds; timers of the platform cannot wait longer than some weeks. */
const LONGEST_SLEEP = 86_400_000;

/** Slots of the wheel: 5.12 s a turn. A longer wait stays in its slot for more turns. */
const SLOTS = 512;

/**
 * One call that can be scheduled, moved and cancelled any number of times. A monitor makes its alarms once, so that a run costs no
 * allocation here.
 */
export interface Alarm {
  /** Whether its call is still to come. */
  readonly pending: boolean;
  /** Calls once when `ms` milliseconds have passed, never earlier; a call that was pending is moved. */
  set(ms: number): void;
  cancel(): void;
}

/** What a wheel is made from. */
export interface WheelOptions {
  readonly clock: Clock;
  /** A call threw. The others are called all the same. */
  readonly onError: (error: unknown) => void;
  /** Each time the wheel wakes: by how many milliseconds later than it had asked for. */
  readonly onWake?: ((lateness: number) => void) | undefined;
}

/**
 * A timer wheel: any number of alarms on a single timer of the clock, which is set only while an alarm is pending.
 *
 * ```
 *  slot    0     1     2   …  511       tick = monotonic time / 10 ms, rounded up
 *        ┌─────┬─────┬─────┬─────┐      slot = tick mod 512
 *        │ · · │     │  ·  │     │      each slot is a list in order of arrival, and knows its earliest tick
 *        └─────┴─────┴─────┴─────┘
 * ```
 *
 * Setting and cancelling cost the same however many alarms there are. Alarms go off in order of their tick, those of one tick in the
 * order they were set.
 */
export class Wheel {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #onWake: ((lateness: number) => void) | undefined;
  readonly #slots = Array.from({ length: SLOTS }, () => new LinkedList<WheelAlarm>());
  /** The earliest tick in each slot; after a cancellation perhaps too early, which costs one look and loses nothing. */
  readonly #earliest = new Float64Array(SLOTS).fill(Number.POSITIVE_INFINITY);
  #pending = 0;
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm: (() => void) | undefined;
  /** The tick that is being worked up to; undefined while no alarm goes off. */
  #turningTo: number | undefined;
  readonly #owner = {
    add: (alarm: WheelAlarm, ms: number) => this.#add(alarm, ms),
    remove: (alarm: WheelAlarm) => this.#remove(alarm),
  };

  constructor({ clock, onError, onWake }: WheelOptions) {
    this.#clock = clock;
    this.#onError = onError;
    this.#onWake = onWake;
  }

  /** How many alarms are set. */
  get pending(): number {
    return this.#pending;
  }

  /** Makes an alarm, not yet set. */
  alarm(callback: () => void): Alarm {
    return new WheelAlarm(callback, this.#owner);
  }

  #add(alarm: WheelAlarm, ms: number): void {
    this.#remove(alarm);
    let tick = Math.ceil((this.#clock.monotonic() + Math.max(0, ms)) / TICK);
    // What is set while alarms go off waits for the next wake, so that a call that sets itself again starves nobody.
    if (this.#turningTo !== undefined && tick <= this.#turningTo) tick = this.#turningTo + 1;
    const slot = tick % SLOTS;
    alarm.tick = tick;
    (this.#slots[slot] as LinkedList<WheelAlarm>).push(alarm.link);
    if (tick < (this.#earliest[slot] as number)) this.#earliest[slot] = tick;
    this.#pending += 1;
    if (tick < this.#armedFor && this.#turningTo === undefined) this.#arm(tick);
  }

  #remove(alarm: WheelAlarm): void {
    if (!alarm.link.list) return;
    alarm.link.list.remove(alarm.link);
    this.#pending -= 1;
    if (this.#pending === 0 && this.#turningTo === undefined) this.#arm(Number.POSITIVE_INFINITY);
  }

  #arm(tick: number): void {
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedFor = tick;
    if (tick === Number.POSITIVE_INFINITY) return;
    const wait = Math.ceil(tick * TICK - this.#clock.monotonic());
    this.#disarm = this.#clock.setTimeout(this.#wake, Math.min(Math.max(0, wait), LONGEST_SLEEP));
  }

  readonly #wake = (): void => {
    const now = this.#clock.monotonic();
    const last = Math.floor(now / TICK);
    const lateness = now - this.#armedFor * TICK;
    this.#disarm = undefined;
    this.#turningTo = last;
    // Awake too early after a longest sleep, or by a fraction: nothing is due and the timer is set again for the rest.
    if (lateness >= 0) this.#onWake?.(lateness);
    let next = this.#next();
    for (; next <= last; next = this.#next()) this.#goOff(next);
    this.#turningTo = undefined;
    this.#arm(this.#pending === 0 ? Number.POSITIVE_INFINITY : next);
  };

  /** Calls what is due at a tick. */
  #goOff(tick: number): void {
    const slot = tick % SLOTS;
    const list = this.#slots[slot] as LinkedList<WheelAlarm>;
    const due = new LinkedList<WheelAlarm>();
    let earliest = Number.POSITIVE_INFINITY;
    for (let link = list.first; link; ) {
      const following: Link<WheelAlarm> | undefined = link.next;
      if (link.value.tick === tick) due.push(link);
      else if (link.value.tick < earliest) earliest = link.value.tick;
      link = following;
    }
    this.#earliest[slot] = earliest;
    for (let link = due.shift(); link; link = due.shift()) {
      this.#pending -= 1;
      try {
        link.value.callback();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const tick of this.#earliest) if (tick < next) next = tick;
    return next;
  }
}

interface Owner {
  add(alarm: WheelAlarm, ms: number): void;
  remove(alarm: WheelAlarm): void;
}

class WheelAlarm implements Alarm {
  readonly callback: () => void;
  readonly link: Link<WheelAlarm> = new Link<WheelAlarm>(this);
  tick = 0;
  readonly #wheel: Owner;

  constructor(callback: () => void, wheel: Owner) {
    this.callback = callback;
    this.#wheel = wheel;
  }

  get pending(): boolean {
    return this.link.list !== undefined;
  }

  set(ms: number): void {
    this.#wheel.add(this, ms);
  }

  cancel(): void {
    this.#wheel.remove(this);
  }
}
