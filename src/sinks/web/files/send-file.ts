import { pipeline, Readable, Transform } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ByteRange, parseRange } from "./byte-range.ts";
import type { OpenFile } from "./resource-file.ts";

/**
 * Sends an open file, or the part of it that is asked for, and closes it. A file that is cut while it is read ends the connection, so that
 * no client takes a part for the whole.
 * @param type its Content-Type
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: OpenFile,
  type: string,
): Promise<FastifyReply> {
  const { handle, size, mtimeMs, version } = file;
  const etag = `"${version}"`;
  const modified = new Date(mtimeMs).toUTCString();
  reply.header("etag", etag).header("last-modified", modified).header("accept-ranges", "bytes");
  if (isKnown(request, etag, mtimeMs)) {
    await handle.close();
    return reply.code(304).send();
  }
  const { range: header, "if-range": only } = request.headers;
  const same = only === undefined || only === etag || only === modified;
  const range = request.method === "GET" && same ? parseRange(header, size) : undefined;
  if (range === "beyond") {
    await handle.close();
    return reply.code(416).header("content-range", `bytes */${size}`).send();
  }
  reply.type(type);
  if (range) reply.code(206).header("content-range", `bytes ${range.first}-${range.last}/${size}`);
  const part = range ?? { first: 0, last: size - 1 };
  reply.header("content-length", String(part.last - part.first + 1));
  if (request.method === "HEAD" || size === 0) {
    await handle.close();
    // Of an answer without a body Fastify would say that it has no length.
    return reply.send(Readable.from([]));
  }
  return reply.send(exactly(file, part));
}

/** Whether the client has it already (RFC 9110 §13.2.2). */
function isKnown({ headers }: FastifyRequest, etag: string, mtimeMs: number): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined)
    return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return Math.floor(mtimeMs / 1000) * 1000 <= since;
}

/** The bytes of a range, no fewer: fails when there are not so many any more. */
function exactly({ handle }: OpenFile, { first, last }: ByteRange): Readable {
  let left = last - first + 1;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      done(null, chunk);
    },
    flush: (done) => done(left > 0 ? new Error("the file was cut while it was read") : null),
  });
  return pipeline(handle.createReadStream({ start: first, end: last }), check, () => {});
}
