/** Segments of a path as long as this may be keys. */
const KEY_LENGTH = 16;

/**
 * Whether an address may stand in plain text: it has no login, no query, and no part of its path is long enough to be a key, as those of
 * Slack, Teams and Mattermost have. What is no address holds no secret.
 */
export function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return true;
  const { username, password, search, pathname } = url;
  return (
    username === "" &&
    password === "" &&
    search === "" &&
    pathname.split("/").every((segment) => segment.length < KEY_LENGTH)
  );
}
