/** What a plugin author tests with: a real core around the plugin, a clock that stands still, and the contract as checks. */
export { CaptureSink } from "./capture-sink.ts";
export type { Check } from "./checks.ts";
export { FakeClock } from "./fake-clock.ts";
export { Harness, type HarnessOptions } from "./harness.ts";
export { ScriptedSource } from "./scripted-source.ts";
export { type SinkUnderTest, sinkContract } from "./sink-contract.ts";
export { type SourceUnderTest, sourceContract } from "./source-contract.ts";
export type { Instance, Plugins } from "./test-config.ts";
