import { type Libc, loadLibc } from "../../../src/sources/vim-ping/pinger/icmp/libc.ts";
import { MessageBatch } from "../../../src/sources/vim-ping/pinger/icmp/message-batch.ts";

/*
 * A peer that misbehaves on purpose, at the far end of a cable whose system does not answer echo requests itself. What it does with a request
 * to 10.88.B.x is told by B:
 *
 *   1  answers            4  answers with another nonce         7  answers with another token, as to somebody else
 *   2  answers 400 ms on  5  answers from 10.88.200.1           8  says that the time to live was exceeded, quoting eight bytes
 *   3  answers twice      6  answers 70 of 100, by a fixed seed 9  sends ten kinds of rubbish, and no answer
 *                                                              10  answers 50 ms on
 */

const loaded = loadLibc();
if ("why" in loaded) throw new Error(loaded.why);
const { libc } = loaded;

const AF_INET = 2;
const SOCK_RAW_NONBLOCK = 3 | 0o4000;
const IPPROTO_ICMP = 1;
const IPPROTO_RAW = 255;
const MSG_DONTWAIT = 0x40;
const SIZE = 256;

const input = libc.socket(AF_INET, SOCK_RAW_NONBLOCK, IPPROTO_ICMP);
const output = libc.socket(AF_INET, SOCK_RAW_NONBLOCK, IPPROTO_RAW);
if (input < 0 || output < 0) throw new Error("the peer needs raw sockets");
const received = new MessageBatch(libc, { count: 16, name: 16, data: SIZE, control: 0 });
const incoming = Buffer.from(received.data.buffer);

let seed = 1;
/** Numbers from 0 to 1, the same in every run. */
function random(): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 8) / 2 ** 24;
}

setInterval(() => {
  for (;;) {
    const count = libc.recvmmsg(input, received.addresses[0] as bigint, 16, MSG_DONTWAIT, 0n);
    if (count <= 0) return;
    for (let index = 0; index < count; index++) {
      const packet = Buffer.from(incoming.subarray(index * SIZE, index * SIZE + received.length(index)));
      if (packet.length === 84 && packet[20] === 8) behave(packet);
    }
    received.reset(count);
  }
}, 1);
process.stdout.write("ready\n");

function behave(request: Buffer): void {
  const kind = request[18] as number;
  const reply = Buffer.from(request.subarray(20));
  reply[0] = 0;
  const back = (packet: Buffer, from = request.readUInt32BE(16)) =>
    send(libc, from, request.readUInt32BE(12), packet);
  if (kind === 1) back(reply);
  else if (kind === 2) setTimeout(() => back(reply), 400);
  else if (kind === 10) setTimeout(() => back(reply), 50);
  else if (kind === 3) {
    back(reply);
    back(reply);
  } else if (kind === 4) {
    reply.writeUInt32LE((reply.readUInt32LE(28) ^ 1) >>> 0, 28);
    back(reply);
  } else if (kind === 5) back(reply, (10 << 24) | (88 << 16) | (200 << 8) | 1);
  else if (kind === 6) {
    if (random() < 0.7) back(reply);
  } else if (kind === 7) {
    reply[8] = (reply[8] as number) ^ 1;
    back(reply);
  } else if (kind === 8) back(Buffer.concat([Buffer.of(11, 0, 0, 0, 0, 0, 0, 0), request.subarray(0, 28)]));
  else if (kind === 9)
    for (let piece = 0; piece < 10; piece++) {
      const rubbish = Buffer.from(reply.subarray(0, 8 + piece * 6));
      for (let at = 8; at < rubbish.length; at++)
        if (random() < 0.3) rubbish[at] = Math.floor(random() * 256);
      back(rubbish);
    }
}

/** Sends an ICMP message from any address to any other. */
function send(calls: Libc, from: number, to: number, message: Buffer): void {
  const batch = new MessageBatch(calls, { count: 1, name: 16, data: SIZE, control: 0 });
  const packet = Buffer.from(batch.data.buffer);
  packet[0] = 0x45;
  packet[8] = 64;
  packet[9] = IPPROTO_ICMP;
  packet.writeUInt32BE(from >>> 0, 12);
  packet.writeUInt32BE(to >>> 0, 16);
  message.copy(packet, 20);
  packet.writeUInt16LE(0, 22);
  packet.writeUInt16LE(sumOf(packet.subarray(20, 20 + message.length)), 22);
  batch.names[0] = AF_INET;
  batch.names[1] = packet.readUInt32LE(16);
  new BigUint64Array(batch.pieces.buffer)[1] = BigInt(20 + message.length);
  calls.sendmmsg(output, batch.addresses[0] as bigint, 1, MSG_DONTWAIT);
}

function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += (bytes[at] as number) << (at % 2 === 0 ? 0 : 8);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
