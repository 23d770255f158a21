import type { SinkContext, SubjectState } from "../../../plugin/index.ts";
import type { SilenceOf } from "./listing.ts";

/** Finds the silence of each subject once, for one rendering. */
export function silenceFinder({ silences }: Pick<SinkContext, "silences">): SilenceOf {
  if (silences.active().length === 0) return () => undefined;
  const found = new Map<SubjectState, ReturnType<SilenceOf>>();
  return (state) => {
    if (found.has(state)) return found.get(state);
    const silence = silences.of({ subject: state.subject, labels: state.event?.labels ?? {} });
    found.set(state, silence);
    return silence;
  };
}
