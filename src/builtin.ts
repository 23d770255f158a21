import type { BuiltinList } from "./core/plugins/builtin-list.ts";

/** The built-in plugins. Each is imported when monitors.yaml first needs it. */
export const builtins: BuiltinList = {
  sources: {
    promises: () => import("./sources/promises/index.ts"),
    "vim-ping": () => import("./sources/vim-ping/index.ts"),
  },
  sinks: {
    console: () => import("./sinks/console/index.ts"),
    database: () => import("./sinks/database/index.ts"),
    notify: () => import("./sinks/notify/index.ts"),
    web: () => import("./sinks/web/index.ts"),
  },
};
