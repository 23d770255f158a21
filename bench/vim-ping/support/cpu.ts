import { readdirSync, readFileSync } from "node:fs";

const RUSAGE_CHILDREN = -1;
const { getrusage } = process.getBuiltinModule("node:ffi").dlopen(null, {
  getrusage: { return: "i32", arguments: ["i32", "buffer"] },
}).functions;

/** CPU microseconds, user and system, of all children that have ended. */
export function childrenCpu(): number {
  const usage = Buffer.alloc(144);
  getrusage(RUSAGE_CHILDREN, usage);
  const microseconds = (at: number) =>
    Number(usage.readBigInt64LE(at)) * 1e6 + Number(usage.readBigInt64LE(at + 8));
  return microseconds(0) + microseconds(16);
}

/** CPU microseconds, user and system, of all threads of a running process. */
export function cpuOf(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1000;
}
