import { STATUSES, type Status } from "../../../plugin/index.ts";
import { verdictOfWord } from "./status-file.ts";
import { textOf } from "./text.ts";

/** One service as its monitor's document names it. */
export interface HalEntry {
  readonly id: string;
  readonly title: string;
  readonly page: string | undefined;
  /** What the document itself tells of it, as a lifeguard's does; undefined where its status file has to be read. */
  readonly told:
    | { readonly status: Status; readonly message: string; readonly since: string | null }
    | undefined;
  /** Its status file; undefined where the document names none. */
  readonly statusFile: URL | undefined;
}

/** A monitor's document, read. */
export interface HalContent {
  readonly title: string | undefined;
  readonly lifeguard: boolean;
  readonly entries: readonly HalEntry[];
}

/**
 * Reads a `monitor.haljson`, leniently: a link and a resource may each be one or a list of them, and what has the wrong type is as if it
 * were not there.
 * @param base where it was read: what its hrefs are relative to
 * @throws Error that says why this is no such document
 */
export function parseHalDocument(text: string, base: URL): HalContent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new Error("its monitor.haljson is not JSON");
  }
  const document = objectOf(parsed);
  if (!document || !["title", "_links", "_embedded"].some((key) => key in document))
    throw new Error("its monitor.haljson is not the document of a monitor");
  const services = listOf(objectOf(document._embedded)?.service)
    .map(objectOf)
    .filter((one) => one !== undefined);
  return {
    title: textOf(document.title),
    lifeguard: services.some(({ verdict }) => isStatus(verdict)),
    entries: services.map((service) => entryOf(service, base)),
  };
}

function entryOf(service: Record<string, unknown>, base: URL): HalEntry {
  const links = objectOf(service._links);
  const id = textOf(service.id);
  const title = textOf(service.title) ?? id ?? "Untitled";
  return {
    id: id ?? title,
    title,
    page: hrefOf(links?.interface, base)?.href,
    told: told(service),
    statusFile: hrefOf(links?.status, base),
  };
}

function told({ status, verdict, message, since }: Record<string, unknown>): HalEntry["told"] {
  const word = textOf(status);
  if (word === undefined && !isStatus(verdict)) return undefined;
  const judged = isStatus(verdict) ? verdict : verdictOfWord(word);
  const time = typeof since === "string" ? Date.parse(since) : Number.NaN;
  return {
    status: judged,
    message: textOf(message) ?? word ?? judged,
    since: Number.isNaN(time) ? null : new Date(time).toISOString(),
  };
}

/** The first link of a relation that leads somewhere by http or https. */
function hrefOf(link: unknown, base: URL): URL | undefined {
  for (const one of listOf(link)) {
    const { href } = objectOf(one) ?? {};
    if (typeof href !== "string" || !URL.canParse(href, base)) continue;
    const url = new URL(href, base);
    if (url.protocol !== "http:" && url.protocol !== "https:") continue;
    url.username = "";
    url.password = "";
    return url;
  }
  return undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function isStatus(value: unknown): value is Status {
  return (STATUSES as readonly unknown[]).includes(value);
}
