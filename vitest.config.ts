import { defineConfig } from "vitest/config";

const alias = {
  "lifeguard/plugin": new URL("./src/plugin/index.ts", import.meta.url).pathname,
  "lifeguard/testkit": new URL("./src/testkit/index.ts", import.meta.url).pathname,
};

/** Unit and contract tests need nothing but Node; integration tests start real servers and come by area. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts"],
          testTimeout: 15_000,
          // Most of a test is waiting for something real.
          maxWorkers: 4,
          // A condition is waited for as long as a slow machine may need.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        resolve: { alias },
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts", "test/browser/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
