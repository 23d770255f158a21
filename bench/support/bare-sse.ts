import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/*
 * The least that can be done: a server of node:http that makes a frame of a hundred events ten times a second and writes the same bytes to
 * every client. Prints its port.
 */

const clients = new Set<ServerResponse>();
let seq = 0;
setInterval(() => {
  let frame = "";
  for (let at = 0; at < 100; at++) {
    const event = {
      specversion: "1.0",
      id: `01890a5d-ac96-774b-bcce-${String(++seq).padStart(12, "0")}`,
      source: "/01890a5d-ac96-774b-bcce-b302099a8057/steady",
      type: "bench.checked",
      subject: `bench/service-${seq % 500}`,
      time: new Date().toISOString(),
      datacontenttype: "application/json",
      status: "ok",
      state: "OK",
      origin: "01890a5d-ac96-774b-bcce-b302099a8057",
      data: {
        message: `answered in ${(seq * 7919) % 1000} ms`,
        labels: {},
        measures: { duration: { value: ((seq * 7919) % 1000) / 1000, unit: "s" } },
        data: null,
      },
    };
    const data = JSON.stringify({ change: false, previous: "ok", since: event.time, episode: null, event });
    frame += `id: e-${seq}\ndata: ${data}\n\n`;
  }
  const bytes = Buffer.from(frame);
  for (const client of clients) client.write(bytes);
}, 100);
const server = createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  clients.add(response);
  request.on("close", () => clients.delete(response));
}).listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
