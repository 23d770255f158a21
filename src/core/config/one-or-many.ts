import { z } from "zod";

/** One, or a list: what has many can be written without brackets when there is only one. */
export function oneOrMany<Item extends z.ZodType>(item: Item) {
  return z
    .union([item, z.array(item)])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<Item>[]);
}
