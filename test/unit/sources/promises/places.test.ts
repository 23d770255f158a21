import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expandGlob, globRoot, isBelow } from "../../../../src/sources/promises/expand-glob.ts";
import { onlyPlace, placesOf } from "../../../../src/sources/promises/places.ts";
import { substitute } from "../../../../src/sources/promises/substitute.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { write } from "./executable.ts";

const none = { directory: undefined, monitor_conf: undefined, instance: undefined };

describe("where an instance is", () => {
  it("one with a monitor.conf lies above the conf's etc/, and has its promises beside the conf", () => {
    expect(onlyPlace("p", { ...none, monitor_conf: "/srv/kvm/etc/monitor.conf" })).toEqual({
      name: "p",
      prefix: "promise/",
      base: "",
      monitorConf: "/srv/kvm/etc/monitor.conf",
      folder: "/srv/kvm",
      directories: [],
      usual: ["/srv/kvm/etc/monitor-promise", "/srv/kvm/etc/promise"],
    });
  });

  it("`instance` overrides, and a conf that is in no etc/ lies in its instance", () => {
    expect(onlyPlace("p", { ...none, monitor_conf: "/a/etc/m.conf", instance: "/b" }).folder).toBe("/b");
    expect(onlyPlace("p", { ...none, monitor_conf: "/a/m.conf" }).folder).toBe("/a");
  });

  it("one without is its promise folder, or above its etc/", () => {
    expect(onlyPlace("p", { ...none, directory: "/x/promises" })).toMatchObject({
      folder: "/x/promises",
      directories: ["/x/promises"],
    });
    expect(onlyPlace("p", { ...none, directory: ["/x/etc/promise", "/y"] })).toMatchObject({
      folder: "/x",
      directories: ["/x/etc/promise", "/y"],
    });
  });

  it("those of a glob are called like their folders, each by a name of its own", () => {
    const places = placesOf([
      "/srv/b/kvm/etc/monitor.conf",
      "/srv/a/kvm/etc/monitor.conf",
      "/srv/a/my web/etc/monitor.conf",
    ]);
    expect(places.map(({ name, prefix, base, folder }) => ({ name, prefix, base, folder }))).toEqual([
      { name: "kvm", prefix: "promise/kvm/", base: "/m/kvm", folder: "/srv/a/kvm" },
      { name: "my web", prefix: "promise/my web/", base: "/m/my%20web", folder: "/srv/a/my web" },
      { name: "b-kvm", prefix: "promise/b-kvm/", base: "/m/b-kvm", folder: "/srv/b/kvm" },
    ]);
  });
});

describe("globs", () => {
  it("name files through any folder, hidden ones excepted", async () => {
    using folder = temporaryFolder();
    for (const name of [
      "a/etc/monitor.conf",
      "b-1/etc/monitor.conf",
      ".c/etc/monitor.conf",
      "d/etc/other.conf",
    ])
      write(folder.path, name, "");
    const expand = async (pattern: string) =>
      (await expandGlob(join(folder.path, pattern))).files.map((path) => path.slice(folder.path.length + 1));
    expect(await expand("*/etc/monitor.conf")).toEqual(["a/etc/monitor.conf", "b-1/etc/monitor.conf"]);
    expect(await expand("b*1/etc/*.conf")).toEqual(["b-1/etc/monitor.conf"]);
    expect(await expand("*/etc/*")).toEqual([
      "a/etc/monitor.conf",
      "b-1/etc/monitor.conf",
      "d/etc/other.conf",
    ]);
    expect(await expand("nowhere/*/x")).toEqual([]);
    expect(await expand("*a*a*/etc/*")).toEqual([]);
  });

  it("tell what could not be read, not what is not there", async () => {
    using folder = temporaryFolder();
    write(folder.path, "a/other", "");
    write(folder.path, "b", "");
    symlinkSync("loop", join(folder.path, "loop"));
    const unreadable = async (pattern: string) => [
      ...(await expandGlob(join(folder.path, pattern))).unreadable.keys(),
    ];
    expect(await unreadable("*/etc/monitor.conf")).toEqual([join(folder.path, "loop/etc/monitor.conf")]);
    expect(await unreadable("a/*/x")).toEqual([]);
    expect(await unreadable("nowhere/*/x")).toEqual([join(folder.path, "nowhere")]);
    expect(isBelow("/srv/a/b", ["/srv/a"])).toBe(true);
    expect(isBelow("/srv/ab", ["/srv/a"])).toBe(false);
    expect(isBelow("/srv/ab", ["/"])).toBe(true);
  });

  it("have a folder above all they can name", () => {
    expect(globRoot("/srv/slapgrid/*/etc/monitor.conf")).toBe("/srv/slapgrid");
    expect(globRoot("/*/x")).toBe("/");
  });
});

it("placeholders are filled in as whole words, and nothing else is", () => {
  const fill = (text: string) => substitute(text, { instance: "/i", service: "s" });
  expect(fill("$instance/a/${" + "instance}b/$service.x")).toBe("/i/a//ib/s.x");
  expect(fill("$instances $HOME $ ${" + "other} $$")).toBe("$instances $HOME $ ${" + "other} $$");
  expect(substitute("$service", { instance: "/i" })).toBe("$service");
  expect(substitute("$instance", { instance: "/$service", service: "x" })).toBe("/$service");
});
