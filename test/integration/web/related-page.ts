/** What a page says of its related monitors. */
export interface ShownMonitor {
  readonly title: string;
  /** What stands for its services: `1 critical 2 ok`, `dead`, `pending`. */
  readonly tally: string;
  /** Everything between its heading and its services. */
  readonly told: string;
  readonly services: ReadonlyArray<{
    readonly word: string;
    readonly title: string;
    readonly message: string;
    readonly href: string | undefined;
  }>;
}

/** Reads the related monitors on a page, in their order. */
export function shownMonitors(html: string): readonly ShownMonitor[] {
  const part = html.slice(html.indexOf('<div id="related-monitors"'));
  return [...part.matchAll(/<details class="group monitor"[\s\S]*?<\/details>/g)].map(([monitor]) => ({
    title: words(/<h3>([\s\S]*?)<\/h3>/.exec(monitor)?.[1]),
    tally: words(/<span class="tally">([\s\S]*?)<\/summary>/.exec(monitor)?.[1]),
    told: words(/<\/summary>([\s\S]*?)(?:<ul|<\/details>)/.exec(monitor)?.[1]),
    services: [...monitor.matchAll(/<li class="row[\s\S]*?<\/li>/g)].map(([row]) => ({
      word: words(/<span class="state">([\s\S]*?)<\/span>/.exec(row)?.[1]),
      title: words(/<(?:a|strong)[^>]*>([\s\S]*?)<\//.exec(row)?.[1]),
      message: words(/<p>([\s\S]*?)<\/p>/.exec(row)?.[1]),
      href: /<a href="([^"]*)"/.exec(row)?.[1],
    })),
  }));
}

function words(html: string | undefined): string {
  const text = (html ?? "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return text.replace(
    /&(lt|gt|quot|amp|#39);/g,
    (_, name: string) => ({ lt: "<", gt: ">", quot: '"', amp: "&", "#39": "'" })[name] ?? "",
  );
}
