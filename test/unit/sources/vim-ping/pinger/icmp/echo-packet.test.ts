import { describe, expect, it } from "vitest";
import {
  ATTEMPT,
  checksum,
  ECHO_REPLY,
  findEcho,
  INDEX,
  NOT_ECHO,
  NOT_OURS,
  PACKET_SIZE,
  PACKET_WORDS,
  TOKEN,
} from "../../../../../../src/sources/vim-ping/pinger/icmp/echo-packet.ts";
import { fc } from "../../../../../support/property.ts";

const token = Uint32Array.of(0xdeadbeef, 1, 2, 3);

function packet(type: number): Uint32Array {
  const words = new Uint32Array(PACKET_WORDS);
  words[0] = type;
  words.set(token, TOKEN);
  words[INDEX] = 7;
  words[ATTEMPT] = 3;
  return words;
}

/** The packet behind an IPv4 header of so many words, in a buffer of a socket. */
function received(headerWords: number, words: Uint32Array): Uint32Array {
  const buffer = new Uint32Array(headerWords + words.length);
  if (headerWords > 0) buffer[0] = 0x40 | headerWords;
  buffer.set(words, headerWords);
  return buffer;
}

describe("echo packets", () => {
  it("have the checksum of RFC 1071: all words of a packet then sum up to ones", () => {
    fc.assert(
      fc.property(fc.uint32Array({ minLength: PACKET_WORDS, maxLength: PACKET_WORDS }), (words) => {
        words[0] = (words[0] as number) & 0xffff;
        words[0] |= checksum(words, 0) << 16;
        let sum = 0;
        for (const half of new Uint16Array(words.buffer, words.byteOffset, 2 * PACKET_WORDS)) sum += half;
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
        expect(sum).toBe(0xffff);
      }),
    );
  });

  it("are found behind a header of any length, or without one", () => {
    const reply = packet(ECHO_REPLY);
    for (const header of [5, 6, 15])
      expect(findEcho(received(header, reply), 0, 4 * header + PACKET_SIZE, ECHO_REPLY, true, token)).toBe(
        header,
      );
    expect(findEcho(reply, 0, PACKET_SIZE, ECHO_REPLY, false, token)).toBe(0);
  });

  it("of others are told from ours, and other messages from both", () => {
    const foreign = packet(ECHO_REPLY);
    foreign[TOKEN] = 1;
    expect(findEcho(foreign, 0, PACKET_SIZE, ECHO_REPLY, false, token)).toBe(NOT_OURS);
    expect(findEcho(packet(ECHO_REPLY), 0, 8, ECHO_REPLY, false, token)).toBe(NOT_OURS);
    expect(findEcho(packet(3), 0, PACKET_SIZE, ECHO_REPLY, false, token)).toBe(NOT_ECHO);
    expect(findEcho(packet(ECHO_REPLY), 0, 7, ECHO_REPLY, false, token)).toBe(NOT_ECHO);
  });

  it("never read beyond what arrived, and never throw, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.uint32Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 0, max: 128 }),
        fc.boolean(),
        fc.boolean(),
        (words, length, withHeader, plausible) => {
          if (plausible) {
            words[0] = withHeader ? 0x45 | ((words[0] as number) & 0x0f) : 0;
            words[5] = 0;
          }
          const at = findEcho(words, 0, length, ECHO_REPLY, withHeader, token);
          expect(at === NOT_ECHO || at === NOT_OURS || 4 * (at + ATTEMPT + 1) <= length).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
