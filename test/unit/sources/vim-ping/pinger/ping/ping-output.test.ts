import { describe, expect, it } from "vitest";
import { readPing } from "../../../../../../src/sources/vim-ping/pinger/ping/ping-output.ts";
import { fc } from "../../../../../support/property.ts";

const end = (code: number | null, stdout: string, stderr = "", startError: string | null = null) => ({
  code,
  stdout,
  stderr,
  startError,
});

describe("what ping writes", () => {
  it("gives the times of replies in time; duplicates are counted apart", () => {
    const output =
      "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.021 ms\n" +
      "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.040 ms (DUP!)\n" +
      "64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=412 ms\n";
    expect(readPing(end(0, output), 300)).toEqual({
      times: [0.021],
      duplicates: 1,
      unmeasured: null,
      reason: null,
    });
  });

  it("gives the reason of a miss", () => {
    const output = "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable\n";
    expect(readPing(end(1, output), 300)).toMatchObject({
      times: [],
      unmeasured: null,
      reason: "destination host unreachable from 192.0.2.1",
    });
    expect(readPing(end(1, "1 packets transmitted, 0 received\n"), 300)).toMatchObject({
      unmeasured: null,
      reason: null,
    });
    expect(readPing(end(2, "", "ping: connect: No route to host\n"), 300).unmeasured).toBeNull();
  });

  it.each([
    ["privilege", end(2, "", "ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n")],
    [
      "privilege",
      end(2, "", "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n"),
    ],
    ["privilege", end(null, "", "", "EPERM")],
    ["own-network", end(2, "", "ping: connect: Network is unreachable\n")],
    ["own-network", end(2, "", "ping: connect: Invalid argument\n")],
    ["backend", end(2, "", "ping: usage error\n")],
    ["backend", end(null, "", "", "EMFILE")],
    ["backend", end(null, "")],
  ])("reads as %s what is no miss (%o)", (unmeasured, run) => {
    expect(readPing(run, 300)).toMatchObject({ times: [], unmeasured, reason: expect.stringMatching(/./) });
  });

  it("never stumbles", () => {
    fc.assert(
      fc.property(fc.option(fc.nat(255)), fc.string(), fc.string(), (code, stdout, stderr) => {
        expect(readPing(end(code, stdout, stderr), 300).times).toBeInstanceOf(Array);
      }),
    );
  });
});
