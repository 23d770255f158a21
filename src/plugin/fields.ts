import { resolve } from "node:path";
import cron from "node-cron";
import { z } from "zod";
import { fieldContext } from "./field-context.ts";
import type { LoadedModule } from "./module.ts";

/** What core must know about a field beyond its schema: that it is a secret, or a reference to a module of some kind. */
export type FieldKind =
  | { readonly field: "duration" | "size" | "glob" | "cron" }
  | { readonly field: "path"; readonly exists?: boolean | undefined }
  | { readonly field: "secret"; readonly harmless?: ((text: string) => boolean) | undefined }
  | { readonly field: "module"; readonly moduleKind: string };

/** The kinds of the fields that the helpers below made. */
export const fieldKinds = z.registry<FieldKind>();

const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** Parses `250ms`, `1.5s`, `2h30m`. Returns milliseconds, or undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * (DURATION_UNITS[unit as string] as number);
  return total;
}

/**
 * A length of time: `30s`, `1h30m`; the output is milliseconds. Give a default with `.prefault("30s")`.
 * @param limits smallest and largest value allowed, as durations; the smallest is 1 ms unless said
 */
export function duration(limits: { min?: string; max?: string } = {}) {
  const min = limits.min === undefined ? 1 : (parseDuration(limits.min) ?? 0);
  const max =
    limits.max === undefined
      ? Number.POSITIVE_INFINITY
      : (parseDuration(limits.max) ?? Number.POSITIVE_INFINITY);
  const schema = z
    .string({ error: 'expected a duration with its unit, such as "30s"' })
    .regex(DURATION, 'not a duration: write a number and a unit (ms, s, m, h, d), such as "30s" or "1h30m"')
    .transform((text, ctx) => {
      const value = parseDuration(text) as number;
      if (value < min) ctx.addIssue(`too short: at least ${limits.min ?? "1ms"}`);
      else if (value > max) ctx.addIssue(`too long: at most ${limits.max}`);
      return value;
    });
  return schema.register(fieldKinds, { field: "duration" });
}

const SIZE_UNITS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const SIZE = /^(\d+(?:\.\d+)?)(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** A number of bytes: `64KiB`, `10MB`; the output is bytes. Give a default with `.prefault("1MiB")`. */
export function size() {
  return z
    .string({ error: 'expected a size with its unit, such as "64KiB"' })
    .regex(
      SIZE,
      'not a size: write a number and a unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), such as "64KiB"',
    )
    .transform((text) => {
      const [, amount, unit] = SIZE.exec(text) as RegExpExecArray;
      return Math.floor(Number(amount) * (SIZE_UNITS[unit as string] as number));
    })
    .register(fieldKinds, { field: "size" });
}

/**
 * A path; the output is absolute, resolved against the folder of the file it stands in. Only its form is checked.
 * @param options `exists`: nothing works without it, so that `lifeguard validate` warns where it is not there; one with `*` is a glob
 */
export function path({ exists = false }: { readonly exists?: boolean } = {}) {
  return z
    .string({ error: "expected a path" })
    .min(1, "a path cannot be empty")
    .refine((text) => !text.includes("\0"), "a path cannot hold a NUL character")
    .transform((text) => resolve(fieldContext().baseDirectory, text))
    .register(fieldKinds, { field: "path", exists });
}

/** A glob, in which `*` matches any run of characters, dots and slashes included. */
export function glob() {
  return z
    .string({ error: "expected a glob" })
    .min(1, "a glob cannot be empty: write * to match everything")
    .register(fieldKinds, { field: "glob" });
}

/** A schedule of five cron fields: numbers, names, lists, ranges, steps. Six fields and `@words` are refused. */
export function cronExpression() {
  return z
    .string({ error: 'expected five cron fields, such as "*/5 * * * *"' })
    .superRefine((text, ctx) => {
      const problem = cronProblem(text);
      if (problem) ctx.addIssue(problem);
    })
    .register(fieldKinds, { field: "cron" });
}

/** Says what is wrong with a cron expression, or returns undefined for one with five valid fields. */
export function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (text.trim().startsWith("@"))
    return `cron words such as ${text.trim()} are not known: write five fields`;
  if (fields.length !== 5)
    return `expected five cron fields (minute hour day month weekday), found ${text.trim() === "" ? 0 : fields.length}`;
  return cron.validate(fields.join(" ")) ? undefined : `not a valid cron expression: ${text}`;
}

/**
 * A secret. It must come by reference (`${env:NAME}`, `${file:path}`), and is redacted in every output.
 * @param harmless which texts hold no secret and may stand in the file, as a URL without a password. Absent: none
 */
export function secret({ harmless }: { harmless?: (text: string) => boolean } = {}) {
  return z
    .string({ error: "expected a secret by reference" })
    .min(1, "the secret is empty")
    .register(fieldKinds, { field: "secret", harmless });
}

/**
 * A reference to a user's module of some kind (a file or a package). Core loads it and lets its own schema validate the keys beside the
 * reference; the output holds the definition and those keys.
 */
export function moduleRef<Api = unknown>(kind: string): z.ZodType<LoadedModule<Api>, string> {
  return z
    .string({ error: `expected the file or package of a ${kind}` })
    .min(1)
    .register(fieldKinds, { field: "module", moduleKind: kind }) as unknown as z.ZodType<
    LoadedModule<Api>,
    string
  >;
}
