import type { Json } from "../../plugin/index.ts";

/** What an instance's global state is made from. */
export interface GlobalState {
  readonly title: string;
  /** Title of the whole that the instance is a part of. */
  readonly rootTitle: string | undefined;
  /** Hrefs of related monitors, as configured. */
  readonly related: readonly string[];
  /** Root of its URLs, without a final slash. */
  readonly base: string;
  /** The word of the last result of each promise that has one. */
  readonly words: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The two `monitor.global.json` of an instance: what everybody may know, and all of it. */
export interface GlobalDocuments {
  readonly public: Json;
  readonly private: Json;
}

/** Puts the documents together. Anything but `OK` is an error, as everywhere in SlapOS's monitor. Pure. */
export function globalDocuments({
  title,
  rootTitle,
  related,
  base,
  words,
  now,
}: GlobalState): GlobalDocuments {
  const success = [...words.values()].filter((word) => word === "OK").length;
  const error = words.size - success;
  const common = {
    status: error === 0 ? "OK" : "ERROR",
    date: new Date(now).toISOString(),
    title,
    ...(rootTitle !== undefined && { specialise_title: rootTitle }),
  };
  const links = {
    monitor: { href: `${base}/monitor.haljson` },
    ...(related.length > 0 && { related_monitor: related.map((href) => ({ href })) }),
  };
  return {
    public: { ...common, _links: links },
    private: {
      ...common,
      state: { error, success },
      _links: {
        ...links,
        rss_url: { href: `${base}/feed` },
        public_url: { href: `${base}/public/` },
        private_url: { href: `${base}/private/` },
      },
      data: { failing: [...words].filter(([, word]) => word !== "OK").map(([id]) => id) },
    },
  };
}
