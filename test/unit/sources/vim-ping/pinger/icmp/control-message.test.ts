import { describe, expect, test } from "vitest";
import {
  CONTROL_HEADER_WORDS,
  findControl,
} from "../../../../../../src/sources/vim-ping/pinger/icmp/control-message.ts";
import { fc } from "../../../../../support/property.ts";

/** A control message as the system writes it: length in eight bytes, level, type, contents, filled up to eight bytes. */
function message(level: number, type: number, contents: readonly number[]): number[] {
  const words = [16 + 4 * contents.length, 0, level, type, ...contents];
  return words.length % 2 === 0 ? words : [...words, 0];
}

describe("the control messages of a packet", () => {
  const first = message(1, 35, [10, 11, 12, 13]);
  const second = message(0, 11, [20, 21, 22]);
  const words = Uint32Array.from([99, ...first, ...second, 1, 35]);
  const end = 1 + first.length + second.length;

  test("are found by level and type, wherever they stand", () => {
    expect(words[findControl(words, 1, end, 1, 35) + CONTROL_HEADER_WORDS]).toBe(10);
    expect(words[findControl(words, 1, end, 0, 11) + CONTROL_HEADER_WORDS]).toBe(20);
    expect(findControl(words, 1, end, 41, 25)).toBe(-1);
  });

  test("are not looked for beyond what belongs to the packet, and rubbish ends the search", () => {
    expect(findControl(words, 1, 1 + first.length, 0, 11)).toBe(-1);
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 32 }), fc.nat(8), fc.nat(8), (rubbish, level, type) => {
        const at = findControl(rubbish, 0, rubbish.length, level, type);
        expect(at === -1 || at + CONTROL_HEADER_WORDS <= rubbish.length).toBe(true);
      }),
    );
  });
});
