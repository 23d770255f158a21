import fastify from "fastify";
import { expect, it } from "vitest";
import { requireAccess } from "../../../../../src/sinks/web/access/route-access.ts";

it("a route that does not say what it needs cannot be registered", () => {
  const http = fastify();
  requireAccess(http);
  expect(() => http.get("/open", async () => "")).toThrow("the route /open does not say who may use it");
  expect(() => http.get("/kept", { config: { access: "read" } }, async () => "")).not.toThrow();
});
