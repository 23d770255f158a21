import { describe, expect, it } from "vitest";
import { parseMonitorConf } from "../../../../src/sources/promises/monitor-conf.ts";
import { formatNote } from "../../../../src/sources/promises/note.ts";
import { parseServiceCfg } from "../../../../src/sources/promises/service-cfg.ts";

const CONF = `    [monitor]
    title =              KVM Monitoring interface
    monitor-hal-json =   $instance/srv/monitor/web/monitor.haljson
    public-folder =      $instance/srv/monitor/public
    private-folder =     $instance/srv/monitor/private
    web-folder =         $instance/srv/monitor/web
    cgi-folder =         $instance/srv/monitor/cgi-bin
    service-pid-folder = $instance/var/monitor/service-pid
    public-path-list =
      $instance/var/log
    private-path-list =
      $instance/srv/backup/log_rotate
    monitor-url-list =
      https://[...]/
      https://[...]/
`;

const CFG = `    # etc/monitor-promise/kvm-log-parse.cfg
    [service]
    title =             Kvm log parse
    frequency =         <Cron Syntax>
    public-path-list =  $instance/var/log/kvm.log  # automatically symlink to srv/monitor/public/$service/
    private-path-list = $instance/var/log          # automatically symlink to srv/monitor/private/$service/
`;

const dedent = (text: string) => text.replaceAll(/^ {4}/gm, "");

describe("the seed's files", () => {
  it.each([
    ["indented as in the document", CONF],
    ["as a file", dedent(CONF)],
    ["with line ends of Windows", `\uFEFF${dedent(CONF).replaceAll("\n", "\r\n")}`],
  ])("monitor.conf loads verbatim, %s", (_how, text) => {
    expect(parseMonitorConf(text, "etc/monitor.conf", "/srv/kvm")).toEqual({
      title: "KVM Monitoring interface",
      rootTitle: undefined,
      halJson: "/srv/kvm/srv/monitor/web/monitor.haljson",
      publicFolder: "/srv/kvm/srv/monitor/public",
      privateFolder: "/srv/kvm/srv/monitor/private",
      webFolder: "/srv/kvm/srv/monitor/web",
      pidFolder: "/srv/kvm/var/monitor/service-pid",
      publicPaths: ["/srv/kvm/var/log"],
      privatePaths: ["/srv/kvm/srv/backup/log_rotate"],
      related: ["https://[...]/", "https://[...]/"],
      notes: [],
    });
  });

  it.each([
    ["indented as in the document", CFG],
    ["as a file", dedent(CFG)],
  ])("service.cfg loads verbatim, %s; its placeholder of a frequency is noted", (_how, text) => {
    const { notes, ...cfg } = parseServiceCfg(text, "kvm-log-parse.cfg", {
      instance: "/srv/kvm",
      service: "kvm-log-parse",
    });
    expect(cfg).toEqual({
      title: "Kvm log parse",
      frequency: undefined,
      publicPaths: ["/srv/kvm/var/log/kvm.log"],
      privatePaths: ["/srv/kvm/var/log"],
    });
    expect(notes.map(formatNote)).toEqual([
      expect.stringMatching(
        /^kvm-log-parse\.cfg:4: frequency: expected five cron fields.*the source's own is used$/,
      ),
    ]);
  });
});

describe("monitor.conf", () => {
  it("notes unknown keys with their line, and knows those of other versions", () => {
    const { notes } = parseMonitorConf(
      "[monitor]\ntitel = x\nbase-url = y\n[promises]\nz = 1",
      "m.conf",
      "/i",
    );
    expect(notes.map(formatNote)).toEqual(['m.conf:2: unknown key "titel", ignored']);
  });

  it("goes on with defaults without its section", () => {
    const conf = parseMonitorConf("title = x", "m.conf", "/i");
    expect(conf).toMatchObject({ title: undefined, publicFolder: undefined, publicPaths: [] });
    expect(conf.notes.map(formatNote)).toEqual([
      'm.conf:1: "title" stands before any [section], ignored',
      "m.conf: there is no [monitor] section: defaults are used",
    ]);
  });

  it("splits lists before it fills in the instance, whose folder may have blanks", () => {
    const conf = parseMonitorConf(
      `[monitor]\npublic-path-list = $\{instance}/a/ $instance/b var/c`,
      "m.conf",
      "/my instance",
    );
    expect(conf.publicPaths).toEqual(["/my instance/a", "/my instance/b", "/my instance/var/c"]);
  });
});

describe("a promise's .cfg", () => {
  const cfg = (text: string) =>
    parseServiceCfg(`[service]\n${text}`, "p.cfg", { instance: "/i", service: "p" });

  it("takes quotes off a title, and nowhere else", () => {
    expect(cfg('title = "Kvm log parse"').title).toBe("Kvm log parse");
    expect(cfg("title = 'It''s'").title).toBe("It''s");
    expect(cfg("title = u'old'").title).toBe("old");
    expect(cfg("title = \"odd'").title).toBe("\"odd'");
    expect(cfg('public-path-list = "/a"').publicPaths).toEqual(['/i/"/a"']);
  });

  it("takes a frequency with any blanks, and a list on many lines", () => {
    const read = cfg(`frequency =  */5  *\t* * mon-fri\npublic-path-list =\n  $instance/x\n  $\{service}/y`);
    expect(read.frequency).toBe("*/5 * * * mon-fri");
    expect(read.publicPaths).toEqual(["/i/x", "/i/p/y"]);
  });

  it.each(["@hourly", "* * * * * *", "61 * * * *", "*/2"])(
    "refuses the frequency %s and says where",
    (frequency) => {
      const read = cfg(`title = x\nfrequency = ${frequency}`);
      expect(read.frequency).toBeUndefined();
      expect(read.notes.map(formatNote)).toEqual([expect.stringMatching(/^p\.cfg:3: frequency: /)]);
    },
  );

  it("without a section header is noted, and defaults hold", () => {
    const read = parseServiceCfg("title = x\nfrequency = 1 * * * *", "p.cfg", { instance: "/i" });
    expect(read).toMatchObject({ title: undefined, frequency: undefined });
    expect(read.notes).toHaveLength(3);
  });
});

it("a login in a URL of monitor-url-list is left out, and told with its line but without its words", () => {
  const text = "[monitor]\ntitle = A\nmonitor-url-list = https://a/ https://me:hunter2@b/\n";
  const { related, notes } = parseMonitorConf(text, "etc/monitor.conf", "/srv/kvm");
  expect(related).toEqual(["https://a/", "https://b/"]);
  expect(notes.map(formatNote)).toEqual([
    "etc/monitor.conf:3: a login in a URL of monitor-url-list is left out: write it, by reference, under related of the web sink",
  ]);
});
