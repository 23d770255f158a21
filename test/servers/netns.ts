import { execFileSync, spawnSync } from "node:child_process";
import { onTestFinished, type TestContext } from "vitest";

let count = 0;

/** A network of its own: interfaces, routes, firewall and sysctls that nobody else sees. */
export class Namespace {
  readonly name: string;
  readonly #context: TestContext;
  #filters = false;

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

  /** Whether the system can do it: runs a command that may fail. */
  tries(command: string): boolean {
    try {
      this.run(command);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Filters what comes in or goes out by a rule of nftables: `ip daddr 192.0.2.1 icmp type echo-request drop`. Skips the test, and says so,
   * where this system cannot.
   */
  filter(chain: "input" | "output", rule: string): void {
    try {
      if (!this.#filters) {
        this.run("nft add table inet test");
        for (const name of ["input", "output"])
          this.run(`nft add chain inet test ${name} { type filter hook ${name} priority 0 ; }`);
      }
      this.#filters = true;
      this.run(`nft add rule inet test ${chain} ${rule}`);
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim();
      this.#context.skip(`SKIPPED: nftables cannot "${rule}" here (package nftables): ${said}`);
    }
  }

  /** Lets everything pass again. */
  unfilter(): void {
    if (this.#filters) this.run("nft flush table inet test");
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
