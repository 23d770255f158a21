import type { BuiltinList } from "./core/plugins/builtin-list.ts";

/** The built-in plugins. Each is imported when monitors.yaml first needs it. */
export const builtins: BuiltinList = {
  sources: {
    promises: () => import("./sources/promises/index.ts"),
  },
  sinks: {
    console: () => import("./sinks/console/index.ts"),
    web: () => import("./sinks/web/index.ts"),
  },
};
