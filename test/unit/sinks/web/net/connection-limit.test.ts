import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { ConnectionLimit } from "../../../../../src/sinks/web/net/connection-limit.ts";

class Connection extends EventEmitter {
  readonly remoteAddress: string;
  ended = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): this {
    this.ended = true;
    return this;
  }
}

function connect(limit: ConnectionLimit, addresses: readonly string[]): Connection[] {
  return addresses.map((address) => {
    const connection = new Connection(address);
    limit.take(connection as never);
    return connection;
  });
}
const times = (count: number, address: string) => Array<string>(count).fill(address);
const ended = (connections: readonly Connection[]) => connections.filter((one) => one.ended).length;
const nobody = () => false;

it("one client has 250 connections at most, and may open another when one has closed", () => {
  const limit = new ConnectionLimit(nobody);
  const first = connect(limit, times(251, "10.0.0.1"));
  expect(ended(first)).toBe(1);
  expect(ended(connect(limit, ["10.0.0.2"]))).toBe(0);
  first[0]?.emit("close");
  expect(ended(connect(limit, times(2, "10.0.0.1")))).toBe(1);
});

it("an IPv6 network counts as one client, and IPv4 over an IPv6 socket as IPv4", () => {
  const limit = new ConnectionLimit(nobody);
  const network = Array.from({ length: 251 }, (_, at) => `2001:db8:1:2::${at.toString(16)}`);
  expect(ended(connect(limit, network))).toBe(1);
  expect(ended(connect(limit, ["2001:db8:1:3::1"]))).toBe(0);
  const mapped = Array.from({ length: 251 }, (_, at) => `::ffff:10.0.0.${at}`);
  expect(ended(connect(limit, mapped))).toBe(0);
  expect(ended(connect(limit, times(250, "::ffff:10.0.0.1")))).toBe(1);
});

it("who is exempt has as many as the server takes", () => {
  const limit = new ConnectionLimit((address) => address === "10.0.0.1");
  expect(ended(connect(limit, times(500, "10.0.0.1")))).toBe(0);
});
