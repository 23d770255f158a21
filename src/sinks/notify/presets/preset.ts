import type { Json } from "../../../plugin/index.ts";
import type { Telling } from "../telling.ts";

/** How one product wants to be told. */
export interface Preset {
  /** Whether each change needs a message of its own. */
  readonly single: boolean;
  /** The bodies to send, one request each, in order. */
  bodies(telling: Telling): readonly Json[];
}
