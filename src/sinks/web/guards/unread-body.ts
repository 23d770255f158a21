import type { FastifyInstance } from "fastify";

/** Bytes of an unwanted body that are read all the same, so that its sender comes to read the answer and the connection can stay. */
const WASTE = 1024 * 1024;

/**
 * Ends the connection after an answer that came before the body of its request, where that is long or does not say how long: Node.js would
 * read it to its end, only to throw it away.
 */
export function endUnreadBodies(http: FastifyInstance): void {
  http.addHook("onSend", async ({ raw }, reply) => {
    if (!raw.complete && !(Number(raw.headers["content-length"]) <= WASTE))
      reply.header("connection", "close");
  });
}
