import { Harness } from "lifeguard/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineSink, type SinkContext } from "../../../../src/plugin/index.ts";

const page = defineSink({
  name: "page",
  summary: "Serves a page",
  config: z.object({ url: z.string().optional() }),
  pageUrl: ({ url }) => url,
  start: () => ({ async close() {} }),
});

test("a sink learns where the page of another one is, also when that changes while it runs", async () => {
  let ctx: SinkContext | undefined;
  const reader = defineSink({
    name: "reader",
    summary: "Links to the page",
    config: z.object({}),
    start(_, given) {
      ctx = given;
      return { async close() {} };
    },
  });
  const sinks = (...urls: (string | undefined)[]) => ({
    sinks: {
      reader: { definition: reader, config: {} },
      ...Object.fromEntries(
        urls.map((url, at) => [`page${at}`, { definition: page, config: url === undefined ? {} : { url } }]),
      ),
    },
  });
  await using harness = await Harness.start(sinks(undefined, "https://status.example.org"));
  expect(ctx?.pageUrl).toBe("https://status.example.org");
  const first = ctx;
  await harness.apply(sinks(undefined, "https://status.example.org/lg"));
  expect(ctx?.pageUrl).toBe("https://status.example.org/lg");
  // Of several the first of the file counts, whichever was started last.
  await harness.apply(sinks("https://first.example.org", "https://status.example.org/lg"));
  expect(ctx?.pageUrl).toBe("https://first.example.org");
  await harness.apply(sinks(undefined));
  expect(ctx?.pageUrl).toBeUndefined();
  expect(ctx).toBe(first);
});
