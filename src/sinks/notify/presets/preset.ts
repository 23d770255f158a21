import type { Json } from "../../../plugin/index.ts";
import type { Telling } from "../telling.ts";

/** How one product wants to be told. */
export interface Preset {
  /** Most changes of one message. What sums up what it does not list takes any number. */
  readonly most: number;
  /** Whether the product keeps something open for each episode until it is told of the end. Absent: no. */
  readonly closes?: boolean;
  /** The bodies to send, one request each, in order. */
  bodies(telling: Telling): readonly Json[];
}
