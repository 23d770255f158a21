/**
 * Who asks. `anonymous` came to a door that asks for a login and gave none, `local` came to a door that asks for none, `user` has logged in.
 */
export type Principal =
  | { readonly kind: "anonymous" }
  | { readonly kind: "local" }
  | { readonly kind: "user"; readonly name: string };

/**
 * What is asked for. `look`: a subject's verdict, page and public files. `read`: everything that is told about it, and lists of subjects.
 * `open`: its private files. `command`: having something done. `operate`: the workings of lifeguard itself (metrics, health, silences).
 */
export const OPERATIONS = ["look", "read", "open", "command", "operate"] as const;

/** One of them. */
export type Operation = (typeof OPERATIONS)[number];

/**
 * Whether somebody may do something. Every door (web, gRPC) asks this one function, so that a rule holds at all of them.
 * @param subject whose; null for what belongs to no one subject
 */
export type Authorize = (principal: Principal, operation: Operation, subject: string | null) => boolean;
