import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../../../../src/sources/vim-ping/pinger/address.ts";
import { fc } from "../../../../support/property.ts";

describe("literal addresses", () => {
  it("reads IPv4, IPv6 and zones", () => {
    expect(parseAddress("192.0.2.7")).toEqual({ family: 4, bytes: Uint8Array.of(192, 0, 2, 7), zone: "" });
    expect(parseAddress("fe80::1%eth0")).toMatchObject({ family: 6, zone: "eth0" });
    expect([...(parseAddress("2001:db8::ff00:42:8329")?.bytes ?? [])]).toEqual([
      0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x42, 0x83, 0x29,
    ]);
    expect([...(parseAddress("64:ff9b::192.0.2.33")?.bytes ?? [])].slice(12)).toEqual([192, 0, 2, 33]);
  });

  it("takes an IPv4 address in IPv6 clothes for one of IPv4, since that is how it is reached", () => {
    for (const text of ["::ffff:192.0.2.7", "::ffff:c000:207"])
      expect(parseAddress(text)).toEqual({ family: 4, bytes: Uint8Array.of(192, 0, 2, 7), zone: "" });
  });

  it("takes names and broken addresses for no address", () => {
    for (const text of ["", "localhost", "192.0.2", "192.0.2.256", "[::1]", ":::", "1::2::3", "1.2.3.4%eth0"])
      expect(parseAddress(text)).toBeUndefined();
  });

  it("writes what it read", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        const written = formatAddress(address?.bytes ?? new Uint8Array());
        expect(parseAddress(written)).toEqual(address);
      }),
    );
  });

  it("shortens as one is used to", () => {
    for (const text of ["::", "::1", "fe80::1", "2001:db8:0:1::2", "192.0.2.1", "1:2:3:4:5:6:7:8"])
      expect(formatAddress(parseAddress(text)?.bytes ?? new Uint8Array())).toBe(text);
  });
});
