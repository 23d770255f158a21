import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/temp-folder.ts";
import { Keystone } from "./keystone.ts";
import { openstackVenv } from "./openstack-venv.ts";
import { Tacker } from "./tacker.ts";

/** A Keystone and a Tacker, with all they write in a temporary folder. */
export interface OpenStack {
  readonly keystone: Keystone;
  readonly tacker: Tacker;
  /** Stops both and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Starts both; or says what is missing for it.
 * @param options `expiration`: seconds that tokens are good for
 */
export async function startOpenStack({
  expiration = 3600,
}: {
  readonly expiration?: number;
} = {}): Promise<OpenStack | { readonly missing: string }> {
  const venv = await openstackVenv();
  if ("missing" in venv) return venv;
  const folder = temporaryFolder("lifeguard-openstack-");
  const own = (name: string) => {
    const path = join(folder.path, name);
    mkdirSync(path);
    return path;
  };
  const stops: Array<() => void | Promise<void>> = [() => folder[Symbol.dispose]()];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
  };
  try {
    const keystone = await Keystone.start(venv.root, own("keystone"), expiration);
    stops.push(() => keystone.stop());
    const tacker = await Tacker.start(venv.root, own("tacker"), keystone);
    stops.push(() => tacker.stop());
    return { keystone, tacker, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
