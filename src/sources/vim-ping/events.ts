import { z } from "../../plugin/index.ts";

/** Why a round says nothing about its VIM. */
export const UNMEASURED = ["dns", "privilege", "backend", "stall", "own-network"] as const;

/** One reason why a round says nothing about its VIM. */
export type VimError = (typeof UNMEASURED)[number];

const found = {
  vim: z.string().describe("Its name"),
  host: z.string().describe("The host of its auth_url"),
  address: z.string().optional().describe("The address that was asked"),
  probe: z.enum(["icmp", "tcp", "http"]).describe("How it was asked"),
};

/** Everything that is said about VIMs, each with the shape of its data. The first is core's word for a look that never said anything. */
export const vimEvents = {
  "vim.unknown": z.object({ ...found, error: z.enum(UNMEASURED).describe("Why it could not be measured") }),
  "vim.reachable": z.object({
    ...found,
    code: z.int().optional().describe("Status code of the HTTP answer"),
  }),
  "vim.unreachable": z.object({
    ...found,
    reason: z.string().optional().describe("What an ICMP error, or the system, said"),
  }),
  "vim.measured": z.object({
    vim: found.vim,
    host: found.host,
    sent: z.int().describe("Requests since the last summary"),
    received: z.int().describe("Answers to them"),
    seconds: z.number().describe("What the summary spans"),
  }),
  "vim.unregistered": z.null(),
} as const;
