import { userInfo } from "node:os";
import { ControlClient } from "../core/control/client.ts";
import { LifeguardError, parseDuration, type Silence } from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import { meantSubject } from "./meant-subject.ts";
import type { PlaceOptions } from "./options.ts";
import { align, paintFor, printable, shortTime } from "./terminal.ts";

interface OutputOptions extends PlaceOptions {
  readonly output: "text" | "json";
}

/** What `lifeguard silence` may be told. */
export interface SilenceOptions extends OutputOptions {
  /** A length of time. */
  readonly for?: string | undefined;
  /** `name=glob`, several of a name for one of them. */
  readonly label: readonly string[];
  readonly why: string;
  readonly by?: string | undefined;
}

/** Silences subjects; without a glob, lists what is silenced. */
export async function silence(globs: readonly string[], options: SilenceOptions): Promise<number> {
  const { for: text, why, by = userName(), output } = options;
  const labels = labelsOf(options.label);
  if (globs.length === 0 && options.label.length === 0) {
    if (text === undefined && why === "") return listSilences(options);
    throw new LifeguardError("USAGE", "name what to silence: lifeguard silence 'vim/edge-*' --for 2h");
  }
  if (text === undefined)
    throw new LifeguardError("USAGE", "say for how long: lifeguard silence 'vim/edge-*' --for 2h");
  const length = parseDuration(text);
  if (length === undefined)
    throw new LifeguardError("USAGE", `"${text}" is no length of time: write 30m, 2h or 7d`);
  const client = await clientOf(options);
  const subjects = globs.length === 0 ? ["*"] : globs;
  const begun = await client.silence({ subjects, labels, for: length, why, by });
  if (output === "json") {
    process.stdout.write(`${JSON.stringify(begun)}\n`);
    return EXIT.ok;
  }
  const { id, until, matches } = begun;
  const now =
    matches === 0
      ? `no subject matches now; those to come are silenced${await meantSubjects(client, globs)}`
      : `${matches} subject${matches === 1 ? "" : "s"} now`;
  process.stdout.write(
    `silenced ${printable(whatOf(begun))} until ${shortTime(until)}: ${now}\nto end it early: lifeguard silence end ${id}\n`,
  );
  return EXIT.ok;
}

/** Prints what is silenced, the one that lasts longest first: its id, end, subjects, who asked for it and why. */
export async function listSilences(options: OutputOptions): Promise<number> {
  const silences = await (await clientOf(options)).silences();
  process.stdout.write(
    options.output === "json"
      ? silences.map((one) => `${JSON.stringify(one)}\n`).join("")
      : silences.length === 0
        ? "nothing is silenced\n"
        : `${silenceLines(silences).join("\n")}\n`,
  );
  return EXIT.ok;
}

/** Ends a silence before its time. */
export async function endSilence(
  id: string,
  options: OutputOptions & { readonly by?: string | undefined },
): Promise<number> {
  const ended = await (await clientOf(options)).endSilence(id, options.by ?? userName());
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify(ended)}\n`
      : `${printable(whatOf(ended))} is no longer silenced by ${id}\n`,
  );
  return EXIT.ok;
}

/** Silences as lines of text. */
export function silenceLines(silences: readonly Silence[]): string[] {
  const paint = paintFor(process.stdout);
  const rows = silences.map((one) => {
    const { id, kind, until, by, why } = one;
    const who = kind === "maintenance" ? "maintenance" : by === "" ? "somebody" : by;
    return [id, `until ${shortTime(until)}`, whatOf(one), who, why].map(printable);
  });
  return align(rows).map(([id = "", ...cells]) => [paint("bold", id), ...cells].join("  ").trimEnd());
}

function whatOf({ subjects, labels }: Pick<Silence, "subjects" | "labels">): string {
  return [...subjects, ...Object.entries(labels).map(([name, globs]) => `${name}=${globs.join("|")}`)].join(
    " ",
  );
}

/** @throws LifeguardError `USAGE` for what is no label */
function labelsOf(texts: readonly string[]): Record<string, string[]> {
  const labels = new Map<string, string[]>();
  for (const text of texts) {
    const [, name, glob] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || glob === undefined)
      throw new LifeguardError("USAGE", `"${text}" is no label: write team=platform`);
    labels.set(name, [...(labels.get(name) ?? []), glob]);
  }
  return Object.fromEntries(labels);
}

/** Where a glob that matches nothing is almost a subject, somebody may have meant that. */
async function meantSubjects(client: ControlClient, globs: readonly string[]): Promise<string> {
  const subjects = (await client.status()).subjects.map(({ subject }) => subject);
  // What a glob means is not what is missing where it matches, or where it has a wildcard.
  const names = globs.filter((glob) => !glob.includes("*"));
  const [meant = ""] = names.map((name) => meantSubject(name, subjects)).filter((text) => text !== "");
  return meant;
}

async function clientOf(options: PlaceOptions): Promise<ControlClient> {
  return new ControlClient(await dataDirectory(options));
}

/** Who sits at the terminal, also behind sudo. */
function userName(): string {
  if (process.env.SUDO_USER) return process.env.SUDO_USER;
  try {
    return userInfo().username;
  } catch {
    // The user of a container need not be in its list of users.
    return `uid ${process.getuid?.()}`;
  }
}
