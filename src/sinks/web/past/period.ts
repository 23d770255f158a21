const HOUR = 3_600_000;

/** How far back a service's page looks, in milliseconds. */
export const PERIODS = {
  "24h": 24 * HOUR,
  "7d": 7 * 24 * HOUR,
  "30d": 30 * 24 * HOUR,
  "90d": 90 * 24 * HOUR,
} as const;

/** One of these stretches of time. */
export type Period = keyof typeof PERIODS;

/** What people read for it. */
export const PERIOD_WORDS: Readonly<Record<Period, string>> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
};

/** Reads `?period=` of a query. What it does not know is a day. */
export function periodOf(query: URLSearchParams): Period {
  const asked = query.get("period") ?? "";
  return Object.hasOwn(PERIODS, asked) ? (asked as Period) : "24h";
}
