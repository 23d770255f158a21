import { describe, expect, it } from "vitest";
import { parseIni, words } from "../../../../src/sources/promises/ini.ts";
import { fc } from "../../../support/property.ts";
import { threadCpu } from "../../../support/thread-cpu.ts";

const read = (text: string) => {
  const { sections, notes } = parseIni(text, "a.conf");
  const plain = Object.fromEntries(
    [...sections].map(([name, keys]) => [
      name,
      Object.fromEntries([...keys].map(([key, { value }]) => [key, value])),
    ]),
  );
  return { ...plain, notes: notes.map(({ line, message }) => `${line}: ${message}`) };
};

describe("reading ini files", () => {
  it("takes aligned signs, both signs, keys in any case, and no blanks at all", () => {
    expect(read("[monitor]\ntitle =              A title\nPublic-Folder: /p\nx=1")).toEqual({
      monitor: { title: "A title", "public-folder": "/p", x: "1" },
      notes: [],
    });
  });

  it("continues a key on deeper lines, over comments and empty lines, until the next key", () => {
    expect(read("[m]\nlist =\n  /a\n\n# not this\n  /b = c ; nor this\nnext = x")).toMatchObject({
      m: { list: "/a\n/b = c", next: "x" },
    });
  });

  it("reads a file whose lines are all indented alike", () => {
    expect(read("    [m]\n    a = 1\n    list =\n      /x\n      /y\n    b = 2")).toMatchObject({
      m: { a: "1", list: "/x\n/y", b: "2" },
    });
  });

  it("strips comments after a blank only", () => {
    expect(
      read("[m]\nurl = http://a/#b;c  # why\ncron = */5 * * * * ; often\nempty = # nothing"),
    ).toMatchObject({
      m: { url: "http://a/#b;c", cron: "*/5 * * * *", empty: "" },
    });
  });

  it("interpolates nothing", () => {
    expect(read("[m]\nurl = http://a/%20%(x)s/$HOME")).toMatchObject({
      m: { url: "http://a/%20%(x)s/$HOME" },
    });
  });

  it("accepts a byte order mark and line ends of Windows and of old Macs", () => {
    expect(read("\uFEFF[m]\r\na = 1\r\nlist =\r\n  x\r\n  y\r\n")).toMatchObject({
      m: { a: "1", list: "x\ny" },
    });
    expect(read("[m]\ra = 1\rb = 2")).toMatchObject({ m: { a: "1", b: "2" } });
  });

  it("notes, with the line, what stands before a section, what it does not understand, and what is given twice", () => {
    expect(read("a = 1\n[m]\nwhat is this\nb = 1\nb = 2")).toEqual({
      m: { b: "2" },
      notes: [
        '1: "a" stands before any [section], ignored',
        '3: not understood, ignored: "what is this"',
        '5: "b" is given again; this one counts',
      ],
    });
  });

  it("survives any text, and never invents a value", () => {
    fc.assert(
      fc.property(
        fc
          .array(
            fc.oneof(
              fc.string(),
              fc.constantFrom("[m]", "a = b", "  c", "# d", "\uFEFF", "\0", " ; x", "=", ":"),
            ),
          )
          .map((lines) => lines.join("\n")),
        (text) => {
          for (const keys of parseIni(text, "f").sections.values())
            for (const [key, { value, line }] of keys) {
              expect(text.toLowerCase()).toContain(key);
              for (const word of words(value)) expect(text).toContain(word);
              expect(line).toBeGreaterThan(0);
            }
        },
      ),
    );
  });

  it("takes no longer than the text is long", async () => {
    const text = `[m]\na${" ".repeat(200_000)}b\nx =${" ".repeat(200_000)}#\n${"a".repeat(200_000)}`;
    expect(await threadCpu(() => parseIni(text, "f"))).toBeLessThan(1000);
  });
});
