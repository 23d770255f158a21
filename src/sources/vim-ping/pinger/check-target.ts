import { LifeguardError } from "../../../plugin/index.ts";
import { parseAddress } from "./address.ts";
import { MAX_COUNT } from "./icmp/target-table.ts";
import type { PingTarget } from "./port.ts";

/** Shortest interval in milliseconds: two slots of the pinger's clock. */
const SHORTEST = 10;

/** Refuses a target that no backend could ask. @throws LifeguardError `PING_TARGET` */
export function checkTarget({ id, address, interval, timeout, count, confirm }: PingTarget): void {
  const refuse = (problem: string): never => {
    throw new LifeguardError("PING_TARGET", `ping target ${id}: ${problem}`);
  };
  if (!parseAddress(address)) refuse(`"${address}" is no literal IPv4 or IPv6 address`);
  if (!(interval >= SHORTEST)) refuse(`an interval of ${interval} ms is below ${SHORTEST} ms`);
  if (!(timeout > 0 && timeout <= interval))
    refuse(`a timeout of ${timeout} ms is not within its interval of ${interval} ms`);
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT)
    refuse(`count is ${count}, not 1 to ${MAX_COUNT}`);
  if (!Number.isInteger(confirm) || confirm < 1) refuse(`confirm is ${confirm}, not a number from 1 on`);
}
