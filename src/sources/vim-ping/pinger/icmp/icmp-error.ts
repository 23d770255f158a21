const UNREACHABLE: Readonly<Record<number, string>> = {
  0: "network unreachable",
  1: "host unreachable",
  2: "protocol unreachable",
  3: "port unreachable",
  4: "fragmentation needed",
  5: "source route failed",
  6: "network unknown",
  7: "host unknown",
  8: "host isolated",
  9: "network administratively prohibited",
  10: "host administratively prohibited",
  11: "network unreachable for this type of service",
  12: "host unreachable for this type of service",
  13: "administratively prohibited",
  14: "host precedence violation",
  15: "precedence cutoff",
};

const UNREACHABLE_V6: Readonly<Record<number, string>> = {
  0: "no route",
  1: "administratively prohibited",
  2: "beyond the scope of the source address",
  3: "address unreachable",
  4: "port unreachable",
  5: "source address failed policy",
  6: "route rejected",
};

/**
 * What an ICMP error means, in words.
 * @returns null for what is no verdict on the way to the target (redirects and the like)
 */
export function icmpErrorText(family: 4 | 6, type: number, code: number): string | null {
  if (family === 4) {
    if (type === 3) return UNREACHABLE[code] ?? `unreachable (code ${code})`;
    if (type === 11) return code === 1 ? "reassembly took too long" : "time to live exceeded";
    return type === 12 ? "parameter problem" : null;
  }
  if (type === 1) return UNREACHABLE_V6[code] ?? `unreachable (code ${code})`;
  if (type === 2) return "packet too big";
  if (type === 3) return code === 1 ? "reassembly took too long" : "hop limit exceeded";
  return type === 4 ? "parameter problem" : null;
}
