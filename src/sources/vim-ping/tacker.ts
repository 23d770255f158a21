import { readFile } from "node:fs/promises";
import { z } from "../../plugin/index.ts";
import { askApi } from "./api-request.ts";
import type { CloudAccess } from "./credentials.ts";
import { type Asking, logIn, refusal, type Token } from "./keystone.ts";

const listBody = z.object({ vims: z.array(z.unknown()) });

/** A VIM as Tacker tells of it. Everything else that it tells, credentials above all, is dropped here. */
const vimBody = z.object({
  id: z.string().min(1).max(200),
  name: z.string().nullish(),
  type: z.string().nullish(),
  auth_url: z.string(),
});

/** One VIM of a Tacker. */
export interface TackerVim {
  readonly id: string;
  readonly name: string;
  readonly type: string | undefined;
  readonly authUrl: string;
}

/** What a Tacker says there is. */
export interface TackerList {
  readonly project: Token["project"];
  readonly vims: readonly TackerVim[];
  /** Entries that could not be understood. */
  readonly skipped: number;
}

/** A live Tacker: logs in when it must, and lists VIMs. */
export class Tacker {
  readonly #access: CloudAccess;
  readonly #timeout: number;
  readonly #signal: AbortSignal;
  #token: Token | undefined;

  /** @param timeout milliseconds for one request */
  constructor(access: CloudAccess, timeout: number, signal: AbortSignal) {
    this.#access = access;
    this.#timeout = timeout;
    this.#signal = signal;
  }

  /** Forgets the token, so that the next list comes with a new one. */
  forget(): void {
    this.#token = undefined;
  }

  /**
   * Lists the VIMs of the project. A token that is not taken any more is replaced once.
   * @throws Error that says why there is no list, without any secret
   */
  async list(): Promise<TackerList> {
    const asking = await this.#asking();
    const used = this.#token;
    let token = used ?? (await logIn(this.#access, asking));
    let answer = await this.#get(token, asking);
    if (answer.status === 401 && used) {
      token = await logIn(this.#access, asking);
      answer = await this.#get(token, asking);
    }
    // After a refusal the next login reads in the catalogue where to ask: the endpoint may have moved.
    this.#token = answer.status === 200 ? token : undefined;
    if (answer.status !== 200) throw new Error(`Tacker: ${refusal(answer)}`);
    return { project: token.project, ...understood(answer.text) };
  }

  async #asking(): Promise<Asking> {
    const { caFile, verify } = this.#access;
    // Read each time: certificates are replaced while we run.
    const ca = caFile === undefined ? undefined : await readFile(caFile, "utf8");
    return { trust: { ca, verify }, timeout: this.#timeout, signal: this.#signal };
  }

  async #get(token: Token, asking: Asking) {
    const base = token.endpoint.replace(/\/+$/, "").replace(/\/v1\.0$/, "");
    return askApi({
      method: "GET",
      url: `${base}/v1.0/vims`,
      headers: { "x-auth-token": token.value },
      ...asking,
    }).catch((error: Error) => {
      // Where nobody answers any more, the next login reads in the catalogue where to ask.
      this.#token = undefined;
      throw new Error(`Tacker: ${error.message}`, { cause: error });
    });
  }
}

function understood(text: string): Pick<TackerList, "vims" | "skipped"> {
  let all: unknown[];
  try {
    all = listBody.parse(JSON.parse(text)).vims;
  } catch (error) {
    throw new Error("Tacker's answer is no list of VIMs", { cause: error });
  }
  const vims = all.flatMap((one): TackerVim[] => {
    const { data } = vimBody.safeParse(one);
    if (!data) return [];
    return [
      { id: data.id, name: data.name || data.id, type: data.type ?? undefined, authUrl: data.auth_url },
    ];
  });
  return { vims, skipped: all.length - vims.length };
}
