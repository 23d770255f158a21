import type { Unmeasured } from "../port.ts";
import type { ProgramEnd } from "../run-program.ts";

/** What one run of the system's ping found. */
export interface PingOutcome {
  readonly times: readonly number[];
  readonly duplicates: number;
  readonly unmeasured: Unmeasured | null;
  readonly reason: string | null;
}

/** What ping says when it is our own fault, and which fault it is. */
const OWN_FAULTS: ReadonlyArray<readonly [RegExp, Unmeasured]> = [
  [/not permitted|permission denied|missing cap_net_raw|are you root|firewall rules/i, "privilege"],
  [
    /network is (unreachable|down)|invalid argument|cannot assign|no such device|unknown iface/i,
    "own-network",
  ],
  [/no buffer space/i, "backend"],
];

/** Reads what ping wrote. Replies after `timeout` milliseconds do not count. */
export function readPing({ code, startError, stdout, stderr }: ProgramEnd, timeout: number): PingOutcome {
  const lines = stdout.split("\n");
  const replies = lines.filter((line) => /\btime[=<]/.test(line));
  const duplicates = replies.filter((line) => line.includes("DUP!")).length;
  const times = replies
    .filter((line) => !line.includes("DUP!"))
    .map((line) => Number(/\btime[=<]\s*([\d.]+)/.exec(line)?.[1]))
    .filter((time) => time <= timeout);
  if (times.length > 0) return { times, duplicates, unmeasured: null, reason: null };
  const said = startError ?? (stderr.trim().split("\n").at(-1) as string);
  const fault = OWN_FAULTS.find(([pattern]) => pattern.test(`${startError ?? ""} ${stderr}`))?.[1];
  if (fault) return { times, duplicates, unmeasured: fault, reason: said };
  if (startError === "EPERM" || startError === "EACCES")
    return { times, duplicates, unmeasured: "privilege", reason: `ping: ${startError}` };
  const remark = lines.map((line) => /^From (\S+?):? icmp_seq=\d+ (.+)$/i.exec(line)).find(Boolean);
  if (remark)
    return { times, duplicates, unmeasured: null, reason: `${remark[2]?.toLowerCase()} from ${remark[1]}` };
  if (/no route to host/i.test(stderr))
    return { times, duplicates, unmeasured: null, reason: "host unreachable, says our own system" };
  // 1 is the plain absence of replies.
  if (code === 1 || code === 0) return { times, duplicates, unmeasured: null, reason: null };
  return {
    times,
    duplicates,
    unmeasured: "backend",
    reason: said === "" ? `ping ended with ${code ?? "a signal"}` : said,
  };
}
