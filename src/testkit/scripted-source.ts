import { Observable } from "rxjs";
import {
  type Accepted,
  defineSource,
  type EventDraft,
  type SourceContext,
  type SourceDefinition,
  z,
} from "../plugin/index.ts";

/** A source that emits what a test tells it to. */
export class ScriptedSource {
  /** Its instance name in a harness. */
  static readonly NAME = "script";
  readonly definition: SourceDefinition;
  #context: SourceContext | undefined;

  /** @param events what it may emit */
  constructor(
    events: readonly string[] = ["test.happened", "test.failed", "test.recovered", "test.measured"],
  ) {
    this.definition = defineSource({
      name: ScriptedSource.NAME,
      summary: "Emits what a test tells it to",
      config: z.object({}),
      events,
      start: (_config, ctx) => {
        this.#context = ctx;
        // It never completes: a test decides when it stops.
        return new Observable<EventDraft>();
      },
    });
  }

  /** Its context while it runs. */
  get context(): SourceContext {
    if (!this.#context) throw new Error("the scripted source has not been started");
    return this.#context;
  }

  /** Emits; resolves when the journal holds the events. */
  accept(drafts: readonly EventDraft[]): Promise<Accepted> {
    return this.context.accept(drafts);
  }
}
