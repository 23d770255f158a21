import type { z } from "zod";
import { CONTRACT, DEFINITION, type Definition } from "./contract.ts";

/**
 * A user's module that extends a source: a connector, an NSM handler. Its source owns the contract and exports a typed define
 * function made from this one; monitors.yaml names it through `moduleRef(kind)`, and `config` validates the keys beside the reference.
 */
export interface ModuleDefinition<Api = unknown> extends Definition {
  readonly config: z.ZodType;
  readonly api: Api;
}

/** A module reference after validation: what `moduleRef` gives to a source. */
export interface LoadedModule<Api = unknown> {
  /** What monitors.yaml says. */
  readonly reference: string;
  readonly definition: ModuleDefinition<Api>;
  /** The keys beside the reference, as the module's own schema gave them. */
  readonly config: unknown;
}

/** Declares a module of some kind. Pure. */
export function defineModule<Api>(
  kind: string,
  options: { name: string; summary: string; config: z.ZodType; api: Api; contract?: number },
): ModuleDefinition<Api> {
  const { name, summary, config, api, contract = CONTRACT } = options;
  return Object.freeze({ [DEFINITION]: kind, contract, name, summary, config, api });
}
