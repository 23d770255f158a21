import type { IncomingMessage, ServerResponse } from "node:http";
import { userInfo } from "node:os";
import { type Json, LifeguardError, type Principal } from "../../plugin/index.ts";
import type { ControlTarget } from "./control-target.ts";
import { historyReport } from "./history-report.ts";
import { readJsonBody } from "./json-body.ts";
import { tap } from "./tap-stream.ts";

/** Dead letters that a list shows at most. */
const MOST_LETTERS = 1000;

/** The socket is open to the user whose lifeguard it is, and to nobody else. */
const OWNER: Principal = { kind: "user", name: `${ownerName()} at the control socket` };

/** One request on its way to its answer. */
interface Call {
  readonly target: ControlTarget;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the client has gone or the server closes. */
  readonly signal: AbortSignal;
}

/** Answers with a value, or writes the response itself and answers nothing. */
type Route = (call: Call) => unknown;

/** Every route by method and path. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "GET /status": ({ target }) => target.status(),
  "GET /tap": async ({ target, query, response, signal }) => {
    await tap(target.events, query.get("glob") ?? undefined, response, signal);
    return undefined;
  },
  "POST /check": async ({ target, request, signal }) => {
    const body = await readJsonBody(request);
    return target.commands.send(text(body, "subject"), "run", { ...source(body), by: OWNER, signal });
  },
  "POST /command": async ({ target, request, signal }) => {
    const body = await readJsonBody(request);
    return target.commands.send(text(body, "subject"), text(body, "name"), {
      ...source(body),
      ...(body.arguments !== undefined && { arguments: body.arguments }),
      wait: body.wait !== false,
      by: OWNER,
      signal,
    });
  },
  "POST /reload": ({ target }) => target.reload("command"),
  "GET /dead-letters": ({ target, query }) => {
    const only = query.get("sink");
    const names = only === null ? target.sinkNames() : [only];
    return names.flatMap((sink) => target.deadLetters.list(sink, MOST_LETTERS));
  },
  "POST /dead-letters/replay": async ({ target, request, signal }) => {
    const body = await readJsonBody(request);
    return target.deadLetters.replay(text(body, "sink"), ids(body), signal);
  },
  "POST /sinks/test": async ({ target, request, signal }) => {
    const body = await readJsonBody(request);
    return { done: await target.testSink(text(body, "sink"), signal) };
  },
  "GET /silences": ({ target }) => target.silences.list(),
  "POST /silences": async ({ target, request }) => {
    const body = await readJsonBody(request);
    const { subjects, labels = {}, for: length } = body;
    if (!isListOfTexts(subjects)) throw new LifeguardError("CONTROL_REQUEST", "subjects is no list of globs");
    if (!isLabels(labels))
      throw new LifeguardError("CONTROL_REQUEST", "labels is no object with lists of globs");
    if (typeof length !== "number")
      throw new LifeguardError("CONTROL_REQUEST", "for is no number of milliseconds");
    const [why, by] = [word(body, "why"), word(body, "by")];
    return target.silences.begin({ subjects, labels, for: length, why, by });
  },
  "POST /silences/end": async ({ target, request }) => {
    const body = await readJsonBody(request);
    return target.silences.end(text(body, "id"), word(body, "by"));
  },
  "GET /history": ({ target, query, signal }) => historyReport(target.history(), query, signal),
  "POST /dead-letters/drop": async ({ target, request }) => {
    const body = await readJsonBody(request);
    return { dropped: await target.deadLetters.drop(text(body, "sink"), ids(body)) };
  },
};

/** Without an entry among the users, as in some containers, the number has to do. */
function ownerName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "?"}`;
  }
}

type Body = { readonly [key: string]: Json };

function text(body: Body, key: string): string {
  const value = body[key];
  if (typeof value === "string" && value !== "") return value;
  throw new LifeguardError("CONTROL_REQUEST", `the request names no ${key}`);
}

function isListOfTexts(value: Json | undefined): value is readonly string[] & Json {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isLabels(value: Json): value is Record<string, readonly string[] & Json> {
  return (
    value !== null &&
    typeof value === "object" &&
    !Array.isArray(value) &&
    Object.values(value).every(isListOfTexts)
  );
}

/** A text that may be left out. */
function word(body: Body, key: string): string {
  const { [key]: value = "" } = body;
  if (typeof value === "string") return value;
  throw new LifeguardError("CONTROL_REQUEST", `${key} is no text`);
}

function source(body: Body): { source?: string } {
  return typeof body.source === "string" ? { source: body.source } : {};
}

function ids(body: Body): readonly number[] | undefined {
  const { ids: value } = body;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((id) => Number.isInteger(id))) return value as number[];
  throw new LifeguardError("CONTROL_REQUEST", "ids is no list of whole numbers");
}
