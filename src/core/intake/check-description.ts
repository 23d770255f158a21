import { type Json, withoutLogin, z } from "../../plugin/index.ts";
import { FieldError } from "./draft-error.ts";

const description = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  group: z.string().optional(),
  instance: z.string().min(1).optional(),
  links: z
    .array(
      z.object({ rel: z.string(), href: z.string().transform(withoutLogin), title: z.string().optional() }),
    )
    .optional(),
  resources: z
    .array(
      z.object({
        name: z.string(),
        path: z.string(),
        public: z.boolean(),
        replaces: z.literal("page").optional(),
      }),
    )
    .optional(),
  commands: z.array(z.string()).optional(),
  public: z.boolean().optional(),
});

/**
 * Checks what `describe` said. Keys that no one knows are left out, and logins within URLs, as everybody is told of it.
 * @param foreign whether another lifeguard said it: its resources are files of another machine, and are left out
 * @throws FieldError
 */
export function checkDescription(data: Json, foreign: boolean): Json {
  const { data: known, error } = description.safeParse(data);
  const issue = error?.issues[0];
  if (!known)
    throw new FieldError(["data", ...(issue?.path ?? [])].join("."), issue?.message ?? "not a description");
  if (foreign) delete known.resources;
  return known as Json;
}
