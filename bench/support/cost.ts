/** What some work cost this process, all threads included, in seconds. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Does the work once and measures it. */
export async function costOf(work: () => unknown): Promise<Cost> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e6 };
}

/** The least of each over some rounds: what else the machine did in the others is not the work's. */
export function best(costs: readonly Cost[]): Cost {
  return { wall: Math.min(...costs.map(({ wall }) => wall)), cpu: Math.min(...costs.map(({ cpu }) => cpu)) };
}
