// Preloaded into a lifeguard: sends its own process a signal while the module that SIGNAL_AT names is being loaded.

import { registerHooks } from "node:module";

const { SIGNAL = "SIGTERM", SIGNAL_AT } = process.env;
let sent = false;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    if (!sent && resolved.url.endsWith(SIGNAL_AT)) {
      sent = true;
      process.kill(process.pid, SIGNAL);
    }
    return resolved;
  },
});
