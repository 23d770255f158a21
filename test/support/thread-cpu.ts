/**
 * The processor time of one call in milliseconds: what else the machine does at that time does not count, so that a bound on it tells
 * work that grows with the square of its input from work that does not, and a busy machine from neither.
 */
export async function threadCpu(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
