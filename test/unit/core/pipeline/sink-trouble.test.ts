import { defineSink, RetryableError, type SinkContext, z } from "lifeguard/plugin";
import { Harness } from "lifeguard/testkit";
import { expect, test } from "vitest";

const never = new AbortController().signal;

/** A sink that says its troubles as told, and fails its writes as told. */
function troubled(options: { readonly test?: () => Promise<string> } = {}) {
  let ctx: SinkContext | undefined;
  let failing = false;
  const definition = defineSink({
    name: "troubled",
    summary: "Has troubles",
    config: z.object({}),
    start(_, context) {
      ctx = context;
      return {
        async write() {
          if (failing) throw new RetryableError("the far end is away");
        },
        ...(options.test && { test: options.test }),
        async close() {},
      };
    },
  });
  return {
    definition,
    say: (message: string | null) => ctx?.trouble(message),
    fail: (on: boolean) => {
      failing = on;
    },
  };
}

function healthOf(harness: Harness) {
  return harness.pipeline.health.components().find(({ id }) => id === "sink/troubled");
}

const draft = { type: "test.happened", subject: "test/1", status: "ok", message: "hello" } as const;

test("a sink's own trouble shows on its health until it is over, and is not restarted for it", async () => {
  const sink = troubled();
  await using harness = await Harness.start({ sinks: { troubled: { definition: sink.definition } } });
  sink.say("the mail server does not answer");
  expect(healthOf(harness)).toMatchObject({
    state: "recoverable",
    message: "the mail server does not answer",
  });
  sink.say(null);
  expect(healthOf(harness)).toMatchObject({ state: "ok", message: "" });
});

test("writes that succeed do not hide a sink's own trouble, nor does its end hide failed writes", async () => {
  const sink = troubled();
  await using harness = await Harness.start({ sinks: { troubled: { definition: sink.definition } } });
  sink.say("the mail server does not answer");
  await harness.emit(draft);
  await expect.poll(() => harness.pipeline.books().get("troubled")?.unread).toBe(0);
  expect(healthOf(harness)?.state).toBe("recoverable");
  sink.fail(true);
  await harness.emit(draft);
  await expect.poll(() => healthOf(harness)?.message).toContain("the far end is away");
  expect(healthOf(harness)?.message).toContain("the mail server does not answer");
  sink.say(null);
  expect(healthOf(harness)).toMatchObject({ state: "recoverable" });
  sink.fail(false);
  await expect.poll(() => healthOf(harness)?.state).toBe("ok");
});

test("a sink's test is called on demand; a sink without one, or of no such name, says so", async () => {
  const sink = troubled({ test: async () => "a test message was told" });
  const mute = troubled();
  await using harness = await Harness.start({
    sinks: { troubled: { definition: sink.definition }, mute: { definition: mute.definition } },
  });
  const { pipeline } = harness;
  expect(await pipeline.testSink("troubled", never)).toBe("a test message was told");
  await expect(pipeline.testSink("mute", never)).rejects.toMatchObject({ code: "SINK_UNTESTABLE" });
  await expect(pipeline.testSink("nobody", never)).rejects.toMatchObject({
    code: "SINK_UNKNOWN",
    message: 'there is no sink "nobody"; those that run: mute, troubled',
  });
});

test("a test that fails says why", async () => {
  const sink = troubled({
    test: async () => {
      throw new Error("535 wrong password");
    },
  });
  await using harness = await Harness.start({ sinks: { troubled: { definition: sink.definition } } });
  await expect(harness.pipeline.testSink("troubled", never)).rejects.toMatchObject({
    code: "SINK_TEST",
    message: "535 wrong password",
  });
});
