/**
 * Makes the test of Host headers. A page of a foreign name that resolves to this machine (DNS rebinding) is same-origin with itself, so
 * only names that cannot be anyone else's are answered. The port is not compared: a forwarded one is not ours, and gives an attacker nothing.
 * @param host the address we listen on
 */
export function hostGuard(host: string): (header: string | undefined) => boolean {
  const names = new Set(["localhost", "127.0.0.1", "[::1]", host.includes(":") ? `[${host}]` : host]);
  return (header) => {
    const [, name] = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(header ?? "") ?? [];
    return name !== undefined && names.has(name.toLowerCase());
  };
}
