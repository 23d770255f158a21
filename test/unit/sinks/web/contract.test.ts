import { describe, it } from "vitest";
import web from "../../../../src/sinks/web/index.ts";
import { sinkContract } from "../../../../src/testkit/index.ts";

describe("the web sink keeps the contract of sinks", () => {
  it.each(sinkContract({ definition: web, config: () => ({ listen: "127.0.0.1:0" }) }))("$name", ({ run }) =>
    run(),
  );
});
