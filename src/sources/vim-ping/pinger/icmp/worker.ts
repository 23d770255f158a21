import { randomFillSync } from "node:crypto";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { parseAddress } from "../address.ts";
import { Engine } from "./engine.ts";
import { IcmpLink } from "./icmp-link.ts";
import { type Libc, loadLibc } from "./libc.ts";
import type { Order, Orders, Report, WorkerData } from "./messages.ts";
import { openSockets, type Sockets } from "./open-sockets.ts";
import { Outbox } from "./outbox.ts";
import { Tally } from "./tally.ts";
import { TargetTable } from "./target-table.ts";

/*
 * The thread that pings. It never returns to its event loop: it sleeps until the next slot and is woken for orders. It does not wait for
 * replies, since the system stamps them when they arrive; so a reply costs no wake-up of its own.
 */

/**
 * Milliseconds between two blocks of rounds: at least, and at most while all is well. To wake the main thread costs it more than the rounds
 * of a thousand targets; a round without an answer is worth that, one more answer is not.
 */
const REPORT = { least: 50, most: 200 };
/** At least so many blocks for each interval. */
const BLOCKS = 5;
/** Blocks that may wait for the main thread, half a minute's worth at least; what is more is lost, and counted as stalled. */
const MOST_WAITING = 600;

const port = parentPort as MessagePort;
const data = workerData as WorkerData;
const signal = new Int32Array(data.signal);

const loaded = loadLibc();
if ("why" in loaded) refuse(false, `node:ffi: ${loaded.why}`);
else {
  const sockets = openSockets(loaded.libc);
  if ("denied" in sockets) refuse(sockets.denied, sockets.reason);
  else run(loaded.libc, sockets);
}

function refuse(denied: boolean, reason: string): void {
  say({ kind: "refused", denied, reason });
  port.close();
}

function say(report: Report, transfer: ArrayBuffer[] = []): void {
  port.postMessage(report, transfer);
}

function run(libc: Libc, sockets: Sockets): void {
  const now = () => performance.now();
  const table = new TargetTable();
  const outbox = new Outbox();
  const tally = new Tally(data.tally);
  const engine = new Engine({
    table,
    outbox,
    tally,
    now,
    interfaceNumber: (zone) => (/^\d+$/.test(zone) ? Number(zone) : libc.if_nametoindex(zone)),
  });
  const token = randomFillSync(new Uint32Array(4));
  for (const [family, fd] of sockets.fds)
    engine.connect(
      family,
      new IcmpLink({ libc, fd, family, kind: sockets.kind, table, token, listener: engine.listener, now }),
    );
  say({ kind: "ready", socket: sockets.kind, reason: sockets.reason });
  try {
    loop(engine, outbox, tally, now);
  } finally {
    engine.close();
    port.close();
  }
}

function loop(engine: Engine, outbox: Outbox, tally: Tally, now: () => number): void {
  let reported = Number.NEGATIVE_INFINITY;
  let posted = 0;
  let heard = 0;
  for (;;) {
    const orders = Atomics.load(signal, 0);
    if (orders !== heard) {
      heard = orders;
      for (let bundle = receiveMessageOnPort(port); bundle; bundle = receiveMessageOnPort(port)) {
        const message = bundle.message as Orders;
        if (message === "close") return;
        for (const order of message) obey(engine, order);
      }
    }
    let next = engine.turn();
    const time = now();
    const wait = outbox.urgent
      ? REPORT.least
      : Math.max(REPORT.least, Math.min(REPORT.most, engine.shortest / BLOCKS));
    if (!outbox.empty && time >= reported + wait) {
      reported = time;
      const block = outbox.take();
      if (posted - Atomics.load(signal, 1) < MOST_WAITING) {
        posted++;
        say({ kind: "rounds", ...block }, [block.rounds.buffer]);
      } else tally.count("stalled");
    }
    if (!outbox.empty) next = Math.min(next, reported + wait);
    Atomics.wait(signal, 0, orders, Math.max(0, next - now()));
  }
}

function obey(engine: Engine, order: Order): void {
  if (order.kind === "remove") {
    engine.remove(order.index);
    return;
  }
  const address = parseAddress(order.address);
  if (!address) throw new Error(`no address: ${order.address}`);
  engine.set(order.spec, address);
}
