import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as tcpConnect } from "node:net";
import type { Target } from "./target.ts";

/** What an answer looked like; a rejection is a miss, or an error of our own. */
export interface Answer {
  /** Status code of an HTTP answer. */
  readonly code?: number | undefined;
}

/** Connects to the target's port at an address. Rejects with the system's error, or with the signal's reason. */
export function connectTcp(target: Target, address: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: address, port: target.port });
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", (error) => {
      signal.removeEventListener("abort", abort);
      reject(error);
    });
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      resolve({});
    });
  });
}

/** Gets the target's URL from an address, without any credentials. Any HTTP answer will do. */
export function getHttp(target: Target, address: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const [plain] = target.host.split("%");
    const host = plain?.includes(":") ? `[${plain}]` : plain;
    const answered = (response: IncomingMessage) => {
      resolve({ code: response.statusCode });
      response.destroy();
    };
    const options = {
      host: address,
      port: target.port,
      path: target.path,
      headers: { host: `${host}:${target.port}`, "user-agent": "lifeguard" },
      agent: false,
      signal,
    } as const;
    // Whether its certificate can be trusted says nothing about whether it can be reached, and nothing secret is sent.
    const tls = { rejectUnauthorized: false, servername: target.literal ? "" : target.host };
    const request = target.secure
      ? httpsRequest({ ...options, ...tls }, answered)
      : httpRequest(options, answered);
    request.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    request.end();
  });
}
