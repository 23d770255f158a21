import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What stands in files that must never come out. */
export const SECRET = "never to be told";

/** The password in a URL of the monitor.conf. */
export const PASSWORD = "hunter2-of-the-related-monitor";

/**
 * Makes an instance as SlapOS lays it out: a monitor.conf and a promise `kvm-log-parse` with a public log, a private folder with an
 * interface of its own, a cgi-folder with a script, and files beside them that nobody may have.
 * @returns the options of the source `promises` that watches it
 */
export function seedInstance(folder: string): { readonly monitor_conf: string; readonly instance: string } {
  const at = (path: string, text: string, mode = 0o644) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
  };
  at(
    "etc/monitor.conf",
    `[monitor]
title = KVM Monitoring interface
public-folder = $instance/srv/monitor/public
private-folder = $instance/srv/monitor/private
web-folder = $instance/srv/monitor/web
cgi-folder = $instance/srv/monitor/cgi-bin
private-path-list = $instance/srv/backup
monitor-url-list = http://reader:${PASSWORD}@127.0.0.1:1/
`,
  );
  at("etc/monitor-promise/kvm-log-parse", `#!/bin/sh\necho '{"message": "nothing odd"}'\n`, 0o755);
  at(
    "etc/monitor-promise/kvm-log-parse.cfg",
    `[service]
title = Kvm log parse
public-path-list = $instance/var/log/kvm.log
private-path-list = $instance/var/log $instance/var/kvm/interface
`,
  );
  at("var/log/kvm.log", "a line\n");
  at("var/log/report.csv", "0123456789");
  at("var/kvm/interface/index.html", "<h1>my own</h1>");
  at("srv/backup/dump.sql", "a dump");
  at("srv/monitor/cgi-bin/action.cgi", `#!/bin/sh\ntouch "${folder}/ran"\necho\n`, 0o755);
  at("secret.txt", SECRET);
  return { monitor_conf: join(folder, "etc/monitor.conf"), instance: folder };
}
