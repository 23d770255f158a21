import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { LifeguardError, z } from "../../plugin/index.ts";

const text = z.union([z.string(), z.number()]).transform(String).optional();

const cloud = z.object({
  auth: z
    .object({
      auth_url: text,
      username: text,
      user_id: text,
      password: text,
      project_name: text,
      project_id: text,
      tenant_name: text,
      user_domain_name: text,
      user_domain_id: text,
      project_domain_name: text,
      project_domain_id: text,
      application_credential_id: text,
      application_credential_name: text,
      application_credential_secret: text,
    })
    .default({}),
  region_name: text,
  interface: text,
  cacert: text,
  verify: z.boolean().optional(),
});

/** One cloud of a clouds.yaml. It holds secrets: never print it. */
export type Cloud = z.output<typeof cloud>;

/**
 * Reads one cloud, with what a secure.yaml beside the file adds to it.
 * @param file path of a clouds.yaml; undefined looks where OpenStack's own tools do
 * @throws LifeguardError `CONFIG` when there is no such file or cloud; the message holds nothing of the file's content
 */
export async function readCloud(name: string, file?: string): Promise<Cloud> {
  const candidates = file === undefined ? usualPlaces() : [file];
  for (const path of candidates) {
    const clouds = await readClouds(path);
    if (clouds === undefined) continue;
    const plain = clouds[name];
    if (plain === undefined) throw new LifeguardError("CONFIG", `${path} has no cloud ${name}`);
    const secure = (await readClouds(join(dirname(path), "secure.yaml")))?.[name];
    const { data, error } = cloud.safeParse(merge(plain, secure));
    if (data)
      return { ...data, ...(data.cacert !== undefined && { cacert: resolve(dirname(path), data.cacert) }) };
    const issue = error?.issues[0];
    throw new LifeguardError("CONFIG", `${path}: cloud ${name}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  throw new LifeguardError("CONFIG", `there is no clouds.yaml: looked for ${candidates.join(", ")}`);
}

function usualPlaces(): string[] {
  const { OS_CLIENT_CONFIG_FILE: named } = process.env;
  return [
    ...(named ? [resolve(named)] : []),
    resolve("clouds.yaml"),
    join(homedir(), ".config/openstack/clouds.yaml"),
    "/etc/openstack/clouds.yaml",
  ];
}

async function readClouds(path: string): Promise<Record<string, unknown> | undefined> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new LifeguardError("CONFIG", (error as Error).message);
  }
  const document = parseDocument(content, { prettyErrors: false });
  const { clouds } = (document.errors.length > 0 ? {} : (document.toJS() ?? {})) as { clouds?: unknown };
  if (typeof clouds !== "object" || clouds === null)
    throw new LifeguardError("CONFIG", `${path} is not a clouds.yaml: it has no clouds`);
  return clouds as Record<string, unknown>;
}

function merge(plain: unknown, secure: unknown): unknown {
  if (!isObject(plain) || !isObject(secure)) return secure === undefined ? plain : secure;
  const keys = new Set([...Object.keys(plain), ...Object.keys(secure)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(plain[key], secure[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
