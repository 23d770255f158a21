import { execFileSync, spawnSync } from "node:child_process";
import { onTestFinished, type TestContext } from "vitest";

let count = 0;

/** A network of its own: interfaces, routes, firewall and sysctls that nobody else sees. */
export class Namespace {
  readonly name: string;
  readonly #context: TestContext;

  constructor(name: string, context: TestContext) {
    this.name = name;
    this.#context = context;
  }

  /** Words to put in front of a command line so that it runs in here. */
  get prefix(): readonly [string, ...string[]] {
    return ["ip", "netns", "exec", this.name];
  }

  /** Runs a command in here, as one would type it, and returns its output. */
  run(command: string): string {
    const [file, ...args] = [...this.prefix, ...command.split(" ")] as [string, ...string[]];
    return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** The same, where the system may not be able to: the test is skipped then, and says why. */
  runIfAble(command: string): void {
    try {
      this.run(command);
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim();
      this.#context.skip(`SKIPPED: "${command}" does not work here: ${said}`);
    }
  }
}

/** Two networks with a cable between them. */
export interface Pair {
  /** 10.77.0.1 and fd77::1. All of 10.88.0.0/16 and fd88::/64 is behind the far end. */
  readonly near: Namespace;
  /** 10.77.0.2 and fd77::2, and every address of 10.88.0.0/16 and fd88::/64. */
  readonly far: Namespace;
}

/** Makes two network namespaces and a veth pair, gone when the test is. Skips the test, and says so, where this user may not. */
export function networkPair(context: TestContext): Pair {
  const id = `lifeguard-${process.pid}-${count++}`;
  const near = new Namespace(`${id}-near`, context);
  const far = new Namespace(`${id}-far`, context);
  onTestFinished(() => {
    for (const { name } of [near, far]) spawnSync("ip", ["netns", "del", name]);
  });
  for (const { name } of [near, far]) {
    const { status, stderr, error } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
    if (status !== 0)
      context.skip(`SKIPPED: this needs network namespaces (root and iproute2): ${stderr ?? error?.message}`);
  }
  near.run(`ip link add near type veth peer name far netns ${far.name}`);
  for (const [end, side, host] of [
    [near, "near", 1],
    [far, "far", 2],
  ] as const) {
    end.run("ip link set lo up");
    end.run(`ip address add 10.77.0.${host}/24 dev ${side}`);
    end.run(`ip address add fd77::${host}/64 dev ${side} nodad`);
    end.run(`ip link set ${side} up`);
  }
  far.run("ip route add local 10.88.0.0/16 dev lo");
  far.run("ip -6 route add local fd88::/64 dev lo");
  near.run("ip route add 10.88.0.0/16 via 10.77.0.2");
  near.run("ip -6 route add fd88::/64 via fd77::2");
  return { near, far };
}
