import { describe, expect, test } from "vitest";
import { Hysteresis, type Standing } from "../../../../src/core/monitors/hysteresis.ts";
import { isBad, STATUSES, type Status } from "../../../../src/plugin/index.ts";
import { fc } from "../../../support/property.ts";

const SHORT: Record<string, Status> = { c: "critical", w: "warning", u: "unknown", o: "ok" };

/** Lets observed statuses through, written by their first letters. Returns what is shown, written the same way. */
function shown(observed: string, failAfter: number, recoverAfter: number, standing?: Standing): string {
  const hysteresis = new Hysteresis({ failAfter, recoverAfter, standing });
  return [...observed].map((letter) => hysteresis.observe(SHORT[letter] as Status)[0]).join("");
}

describe("without hysteresis", () => {
  test("everything shows at once", () => {
    expect(shown("ocwuwoouc", 1, 1)).toBe("ocwuwoouc");
    expect(shown("cow", 1, 1)).toBe("cow");
  });
});

describe("from ok to bad", () => {
  test("takes fail_after bad ones in a row", () => {
    expect(shown("occcc", 3, 1)).toBe("ooocc");
    expect(shown("occocc", 3, 1)).toBe("oooooo");
  });
  test("counts critical and warning alike, and shows the last of them", () => {
    expect(shown("ocwcw", 3, 1)).toBe("ooocw");
  });
});

describe("from bad to ok", () => {
  test("takes recover_after good ones in a row, and shows the last bad one until then", () => {
    expect(shown("ocwooo", 1, 3)).toBe("ocwwwo");
    expect(shown("ocoocoo", 1, 3)).toBe("occcccc");
  });
});

describe("within what stands", () => {
  test("critical and warning show at once", () => {
    expect(shown("occwcw", 2, 5)).toBe("oocwcw");
  });
});

describe("unknown", () => {
  test("shows at once, is neither failure nor success, and leaves the counts alone", () => {
    expect(shown("ocucuc", 3, 1)).toBe("oououc");
    expect(shown("couoo", 1, 3)).toBe("ccuco");
  });
  test("is followed by the last definite status while something waits to be confirmed", () => {
    expect(shown("ouc", 2, 1)).toBe("ouo");
    expect(shown("wuo", 1, 2)).toBe("wuw");
  });
  test("is followed at once by what stood before", () => {
    expect(shown("ouo", 3, 3)).toBe("ouo");
    expect(shown("cuw", 1, 3)).toBe("cuw");
  });
});

describe("a subject that nobody knew", () => {
  test("is ok at once", () => {
    expect(shown("o", 3, 3)).toBe("o");
    expect(shown("uo", 3, 3)).toBe("uo");
  });
  test("that begins bad reads unknown until it is confirmed", () => {
    expect(shown("ccc", 3, 1)).toBe("uuc");
    expect(shown("cucc", 3, 1)).toBe("uuuc");
    expect(shown("coccc", 3, 1)).toBe("uoooc");
    expect(shown("c", 1, 1)).toBe("c");
  });
});

describe("after a restart", () => {
  test("what stands goes on", () => {
    expect(shown("cc", 3, 1, { status: "ok" })).toBe("oo");
    expect(shown("ooo", 1, 3, { status: "critical", episode: "e" })).toBe("cco");
    expect(shown("w", 3, 1, { status: "critical", episode: "e" })).toBe("w");
  });
  test("an unknown within an episode stands for bad", () => {
    expect(shown("oo", 3, 2, { status: "unknown", episode: "e" })).toBe("uo");
    expect(shown("c", 3, 2, { status: "unknown", episode: "e" })).toBe("c");
  });
  test("an unknown without one has to be confirmed", () => {
    expect(shown("cc", 2, 2, { status: "unknown", episode: null })).toBe("uc");
    expect(shown("o", 2, 2, { status: "unknown", episode: null })).toBe("o");
  });
});

test("tells how far a confirmation is", () => {
  const hysteresis = new Hysteresis({ failAfter: 3, recoverAfter: 2 });
  expect(hysteresis.shown).toBeUndefined();
  hysteresis.observe("ok");
  hysteresis.observe("critical");
  expect([hysteresis.shown, hysteresis.streak, hysteresis.needed]).toEqual(["ok", 1, 3]);
  hysteresis.observe("critical");
  hysteresis.observe("critical");
  hysteresis.observe("ok");
  expect([hysteresis.shown, hysteresis.streak, hysteresis.needed]).toEqual(["critical", 1, 2]);
});

test("for any observations: only confirmed crossings, and nothing that was not observed", () => {
  const statuses = fc.array(fc.constantFrom(...STATUSES), { maxLength: 60 });
  const count = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(statuses, count, count, (observed, failAfter, recoverAfter) => {
      const hysteresis = new Hysteresis({ failAfter, recoverAfter });
      let definite: Status | undefined;
      for (const [index, status] of observed.entries()) {
        const shown = hysteresis.observe(status);
        if (status === "unknown") {
          expect(shown).toBe("unknown");
          continue;
        }
        if (shown === "unknown") expect(definite).toBeUndefined();
        else if (definite === undefined || isBad(shown) === isBad(definite)) {
          if (definite !== undefined && isBad(status) === isBad(definite)) expect(shown).toBe(status);
          definite = shown;
        } else {
          // A crossing: the last so many definite observations agree with it.
          const needed = isBad(shown) ? failAfter : recoverAfter;
          const last = observed
            .slice(0, index + 1)
            .filter((one) => one !== "unknown")
            .slice(-needed);
          expect(last).toHaveLength(needed);
          expect(last.every((one) => isBad(one) === isBad(shown))).toBe(true);
          expect(shown).toBe(status);
          definite = shown;
        }
      }
    }),
  );
});

test("a restart at any moment makes no second episode", () => {
  const statuses = fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(statuses, fc.nat(40), fc.integer({ min: 1, max: 3 }), (observed, cut, count) => {
      const options = { failAfter: count, recoverAfter: count };
      const crossings = (shown: Status[]) => {
        let episode: string | null = null;
        let begun = 0;
        for (const status of shown) {
          if (isBad(status)) {
            if (episode === null) begun += 1;
            episode ??= `${begun}`;
          } else if (status === "ok") episode = null;
        }
        return { begun, episode };
      };
      const whole = new Hysteresis(options);
      const uninterrupted = observed.map((status) => whole.observe(status));
      const before = new Hysteresis(options);
      const first = observed.slice(0, cut).map((status) => before.observe(status));
      const last = first.at(-1);
      const standing = last && { status: last, episode: crossings(first).episode };
      const after = new Hysteresis({ ...options, standing });
      const second = observed.slice(cut).map((status) => after.observe(status));
      // A count that was under way begins anew, so there may be fewer episodes, never more.
      expect(crossings([...first, ...second]).begun).toBeLessThanOrEqual(crossings(uninterrupted).begun);
    }),
    { numRuns: 2000 },
  );
});
