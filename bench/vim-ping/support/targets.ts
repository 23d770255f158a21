/** So many different addresses of 127.0.0.0/8, for all of which the kernel answers. */
export function loopback(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `127.${10 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
  );
}
