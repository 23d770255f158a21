import { describe, expect, it } from "vitest";
import { TailBuffer } from "../../../../src/sources/promises/tail-buffer.ts";
import { fc } from "../../../support/property.ts";

describe("keeping the tail of an output", () => {
  it("keeps exactly the last bytes, whatever the pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 40 })),
        fc.integer({ min: 1, max: 50 }),
        (pieces, limit) => {
          const buffer = new TailBuffer(limit);
          for (const piece of pieces) buffer.push(Buffer.from(piece));
          const whole = pieces.join("");
          const captured = buffer.captured();
          expect(captured.text).toBe(whole.slice(-limit));
          expect(captured.total).toBe(whole.length);
          expect(captured.kept).toBe(Math.min(limit, whole.length));
          expect(captured.opens).toBe(whole.trimStart()[0] ?? "");
        },
      ),
    );
  });

  it("does not begin within a character", () => {
    const buffer = new TailBuffer(5);
    buffer.push(Buffer.from("ab€€"));
    expect(buffer.captured()).toMatchObject({ text: "€", kept: 3, total: 8 });
  });

  it("replaces what is no UTF-8", () => {
    const buffer = new TailBuffer(100);
    buffer.push(Buffer.from([0x61, 0xff, 0xfe, 0x62]));
    expect(buffer.captured().text).toBe("a\uFFFD\uFFFDb");
  });

  it("stays small however much comes in however small pieces", () => {
    const buffer = new TailBuffer(64 * 1024);
    const piece = Buffer.from("x");
    globalThis.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 2_000_000; count++) buffer.push(piece);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024);
    expect(buffer.captured()).toMatchObject({ total: 2_000_000, kept: 64 * 1024 });
  });
});
