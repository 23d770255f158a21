import type { Json } from "../../../plugin/index.ts";
import { type Telling, tellingJson } from "../telling.ts";
import { fillTemplate } from "../template.ts";
import type { Preset } from "./preset.ts";

/** Everything there is to say as JSON, or a template filled in. @param template undefined: everything */
export function plain(template: Json | undefined): Preset {
  return {
    single: false,
    bodies: (telling: Telling) => [
      template === undefined ? tellingJson(telling) : fillTemplate(template, telling),
    ],
  };
}
