import type { Change } from "../../../../src/sinks/notify/change.ts";
import { type Telling, TellingMaker } from "../../../../src/sinks/notify/telling.ts";

/** What a check may print, if somebody means harm: markup, mentions, headers, and characters beyond ASCII. */
export const HOSTILE =
  "<script>alert(1)</script> & \"q\" 'a' *b* _c_ `d` [e](http://evil.example) <!channel> @channel @all {{id}} \r\nBcc: evil@example.org ü €";

/** A change with everything in it. */
export function change(more: Partial<Change> = {}): Change {
  return {
    id: "episode-1/down",
    kind: "down",
    episode: "episode-1",
    origin: "here",
    source: "promises",
    subject: "promise/disk",
    title: "Disk space",
    status: "critical",
    state: "BAD",
    message: "3 % free",
    labels: { team: "platform" },
    since: "2026-01-31T10:00:00.000Z",
    ended: null,
    at: Date.parse("2026-01-31T10:00:05.000Z"),
    ...more,
  };
}

/** The telling of some changes, with links. */
export function tellingOf(changes: readonly Change[], { lost = 0, listed = 20 } = {}): Telling {
  return new TellingMaker({
    title: "My platform",
    pageUrl: () => "https://status.example.org/lg",
    listed,
    board: { find: () => [], subjects: () => [] },
  }).of({ id: "0123456789abcdef0123456789abcdef", changes, lost });
}
