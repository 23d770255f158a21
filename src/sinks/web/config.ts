import { z } from "../../plugin/index.ts";
import { parseListen } from "./listen.ts";

/** The options of the web sink. */
export const webConfig = z.object({
  listen: z
    .string({ error: 'expected an address and a port, such as "127.0.0.1:8080"' })
    .transform((text, ctx) => {
      const listen = parseListen(text);
      if (typeof listen !== "string") return listen;
      ctx.addIssue(listen);
      return z.NEVER;
    })
    .prefault("127.0.0.1:8080")
    .describe(
      "Address and port to listen on. Loopback only: 127.0.0.1, localhost or [::1]. Port 0 takes a free one.",
    )
    .meta({ examples: ["127.0.0.1:8080", "[::1]:8080"] }),
});
