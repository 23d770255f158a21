import type { Json } from "../../../plugin/index.ts";
import { MOST_FOR_MACHINES, type Telling, tellingJson } from "../telling.ts";
import { fillTemplate, templateMost } from "../template.ts";
import type { Preset } from "./preset.ts";

/** Everything there is to say as JSON, or a template filled in. @param template undefined: everything */
export function plain(template: Json | undefined): Preset {
  return {
    most: template === undefined ? MOST_FOR_MACHINES : templateMost(template),
    bodies: (telling: Telling) => [
      template === undefined ? tellingJson(telling) : fillTemplate(template, telling),
    ],
  };
}
