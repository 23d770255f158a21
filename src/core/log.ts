import pino, { type Logger as Pino } from "pino";
import { LifeguardError, type Logger } from "../plugin/index.ts";

/** How much is said. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Where text goes; a stream such as standard error. */
export interface LogDestination {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** What a logger is made from. */
export interface LogOptions {
  /** Absent: info. */
  readonly level?: LogLevel | undefined;
  /** Absent: pretty where the destination is a terminal, else JSON, one object a line. */
  readonly format?: "pretty" | "json" | undefined;
  /** Absent: standard error. */
  readonly destination?: LogDestination | undefined;
  /** Values to hide; read at every line, so that a reload may add to it. Values shorter than 4 characters are left alone. */
  readonly secrets?: ReadonlySet<string> | undefined;
}

/** A logger that makes others, one for each component, and knows what must not be told. */
export interface RootLogger extends Logger {
  /** A logger whose lines carry this name. */
  child(name: string): RootLogger;
  /** Hides in a text what is hidden in lines: for words of plugins that go elsewhere, such as to the page. */
  redact(text: string): string;
}

const REDACTED = "[redacted]";
const SHORTEST_SECRET = 4;
/** Fields that pino fills in itself: digits in them are no secret, and hiding them would harm the line. */
const OWN_FIELDS = new Set(["level", "time"]);

/** Makes the logger of the process. What makes lines pretty is loaded only where it is needed, and runs in this thread. */
export async function createLogger(options: LogOptions = {}): Promise<RootLogger> {
  const { level = "info", destination = process.stderr, secrets = new Set() } = options;
  const format = options.format ?? (destination.isTTY ? "pretty" : "json");
  const render = format === "pretty" ? await prettyLine(destination.isTTY === true) : undefined;
  const sink = {
    write(line: string) {
      const safe = redactLine(line, secrets);
      destination.write(render ? render(safe) : safe);
    },
  };
  return wrap(
    pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: errorFields, err: errorFields },
      },
      sink,
    ),
    (text) => redactText(text, secrets),
  );
}

async function prettyLine(colorize: boolean): Promise<(line: string) => string> {
  const { prettyFactory } = await import("pino-pretty");
  return prettyFactory({
    colorize,
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
    ignore: "name",
    messageFormat,
  });
}

/** What is told of an error. One that says by itself what is wrong needs no stack, nor the list of events that it is about. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const known = error instanceof LifeguardError || "syscall" in error;
  if (!known) return pino.stdSerializers.err(error);
  const { message, cause, code } = error as Error & { code?: unknown };
  const more = cause instanceof Error && cause.message !== message;
  return { code, message, ...(more && { cause: errorFields(cause) }) };
}

/** Puts the component's name before what it says. */
function messageFormat(line: Record<string, unknown>, messageKey: string): string {
  const message = String(line[messageKey] ?? "");
  return line.name === undefined ? message : `${line.name}: ${message}`;
}

function wrap(logger: Pino, redact: (text: string) => string): RootLogger {
  const say =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: object): void =>
      fields ? logger[level](fields, message) : logger[level](message);
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    child: (name) => wrap(logger.child({ name }), redact),
    redact,
  };
}

/** Hides secrets wherever they stand in a text. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  return hideIn(text, hiddenOf(secrets));
}

/** Longest first: a secret that contains another must not leave its rest behind. */
function hiddenOf(secrets: ReadonlySet<string>): readonly string[] {
  return [...secrets]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

function hideIn(text: string, hidden: readonly string[]): string {
  return hidden.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

/** Hides secrets in the values of a line, and keeps the line valid JSON. */
function redactLine(line: string, secrets: ReadonlySet<string>): string {
  const hidden = hiddenOf(secrets);
  if (!hidden.some((secret) => line.includes(secret) || line.includes(JSON.stringify(secret).slice(1, -1))))
    return line;
  const hide = (text: string) => hideIn(text, hidden);
  const fields = Object.entries(JSON.parse(line) as object).map(
    ([key, value]) => [hide(key), OWN_FIELDS.has(key) ? value : redactValue(value, hide)] as const,
  );
  return `${JSON.stringify(Object.fromEntries(fields))}\n`;
}

function redactValue(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === "string") return hide(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, hide));
  if (value && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [hide(key), redactValue(item, hide)]),
    );
  if (typeof value !== "number") return value;
  const text = String(value);
  return hide(text) === text ? value : REDACTED;
}
