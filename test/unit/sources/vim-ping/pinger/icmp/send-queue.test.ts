import { expect, it } from "vitest";
import { SendQueue } from "../../../../../../src/sources/vim-ping/pinger/icmp/send-queue.ts";
import { fc } from "../../../../../support/property.ts";

it("gives rows back in the order they came, each once, however it grows", () => {
  const step = fc.oneof(fc.constant("shift" as const), fc.integer({ min: 0, max: 3000 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
      const queue = new SendQueue();
      const model: number[] = [];
      let capacity = 0;
      for (const each of steps) {
        if (each === "shift") {
          if (model.length > 0) expect(queue.shift()).toBe(model.shift());
        } else {
          capacity = Math.max(capacity, each + 1);
          queue.reserve(capacity);
          queue.push(each);
          if (!model.includes(each)) model.push(each);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});
