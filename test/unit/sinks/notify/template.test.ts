import { expect, test } from "vitest";
import { fillTemplate, templateMost, templateProblems } from "../../../../src/sinks/notify/template.ts";
import { change, HOSTILE, tellingOf } from "./told.ts";

test("names are filled in at any depth; one alone keeps its type", () => {
  const telling = tellingOf([change(), change({ subject: "promise/b", labels: {} })]);
  const template = {
    text: "{{ title }}: {{message}}",
    list: [{ n: "{{count}}", team: "{{labels.team}}", none: "{{labels.nobody}}" }, true, 7, null],
    items: "{{items}}",
  };
  expect(fillTemplate(template, telling)).toMatchObject({
    text: "[My platform] 2 DOWN (Disk space): 3 % free",
    list: [{ n: 2, team: "platform", none: "" }, true, 7, null],
    items: [{ subject: "promise/disk" }, { subject: "promise/b" }],
  });
});

test("values are never read as templates or JSON", () => {
  const telling = tellingOf([change({ message: HOSTILE })]);
  const filled = JSON.parse(JSON.stringify(fillTemplate({ a: "x {{message}} y" }, telling)));
  expect(filled.a).toContain('"q"');
  expect(filled.a).toContain("{{id}}");
});

test("a key of the template is left as it is", () => {
  expect(fillTemplate({ "{{id}}": 1 }, tellingOf([change()]))).toEqual({ "{{id}}": 1 });
});

test("unknown names and lone braces are told with their place", () => {
  expect(templateProblems({ a: ["{{titel}}"], b: "{{title", c: "{{labels.x}} {{constructor}}" })).toEqual([
    { path: ["a", 0], problem: expect.stringContaining("{{titel}} names nothing") },
    { path: ["b"], problem: "{{ and }} do not match here" },
    { path: ["c"], problem: expect.stringContaining("{{constructor}} names nothing") },
  ]);
  expect(templateProblems({ a: "{{ title }}", b: "no names", c: 1 })).toEqual([]);
});

test("a template that names what only one change has is sent for each; one that has them all, for many", () => {
  expect(templateMost({ content: "{{subject}} is {{state}}" })).toBe(1);
  expect(templateMost({ title: "{{title}}", team: "{{labels.team}}" })).toBe(1);
  expect(templateMost({ text: "{{title}}: {{ text }}", first: "{{subject}}" })).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(templateMost({ title: "{{title}}", url: "{{url}}" })).toBe(Number.POSITIVE_INFINITY);
  expect(templateMost({ all: "{{items}}", first: "{{subject}}" })).toBe(200);
});
