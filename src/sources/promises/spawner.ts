import { CStrings, cString } from "./c-strings.ts";
import type { Libc } from "./libc.ts";
import type { RunRequest } from "./runner.ts";
import { errnoName } from "./signal-names.ts";

const O_CLOEXEC = 0o2000000;

/** A session of its own (so that no promise ever asks a terminal for a password), no blocked and no ignored signals. */
const FLAGS = 0x80 | 0x04 | 0x08;

/** A process that was started, and the read ends of its outputs. */
export interface Spawned {
  readonly pid: number;
  readonly stdout: number;
  readonly stderr: number;
}

/** Starts processes by `posix_spawn`. The structures that the call wants are made once and used again. */
export class Spawner {
  readonly #libc: Libc;
  readonly #environments = new WeakMap<object, CStrings>();
  readonly #attributes = Buffer.alloc(1024);
  readonly #actions = Buffer.alloc(256);
  readonly #pipes = Buffer.alloc(16);
  readonly #pid = Buffer.alloc(4);
  readonly #devNull = cString("/dev/null");
  /** The last arguments: kept, since the call sees only their address. */
  #argv: CStrings | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    const signals = Buffer.alloc(256);
    libc.posix_spawnattr_init(this.#attributes);
    libc.posix_spawnattr_setflags(this.#attributes, FLAGS);
    libc.sigfillset(signals);
    libc.posix_spawnattr_setsigdefault(this.#attributes, signals);
    libc.sigemptyset(signals);
    libc.posix_spawnattr_setsigmask(this.#attributes, signals);
  }

  /** Starts an executable; or says why not, by the errno's name. */
  spawn(request: RunRequest): Spawned | string {
    const libc = this.#libc;
    if (libc.pipe2(this.#pipes.subarray(0, 8), O_CLOEXEC) !== 0) return errnoName(libc.errno());
    if (libc.pipe2(this.#pipes.subarray(8), O_CLOEXEC) !== 0) {
      const failure = errnoName(libc.errno());
      this.#close(0, 4);
      return failure;
    }
    const errno = this.#call(request);
    this.#close(4, 12);
    if (errno === 0)
      return {
        pid: this.#pid.readInt32LE(),
        stdout: this.#pipes.readInt32LE(0),
        stderr: this.#pipes.readInt32LE(8),
      };
    this.#close(0, 8);
    return errnoName(errno);
  }

  #call({ file, workingDirectory, environment }: RunRequest): number {
    const libc = this.#libc;
    const actions = this.#actions;
    this.#argv = new CStrings([file], libc);
    libc.posix_spawn_file_actions_init(actions);
    libc.posix_spawn_file_actions_addopen(actions, 0, this.#devNull, 0, 0);
    libc.posix_spawn_file_actions_adddup2(actions, this.#pipes.readInt32LE(4), 1);
    libc.posix_spawn_file_actions_adddup2(actions, this.#pipes.readInt32LE(12), 2);
    libc.posix_spawn_file_actions_addchdir_np(actions, cString(workingDirectory));
    const envp = this.#environment(environment).array;
    const errno = libc.posix_spawn(
      this.#pid,
      cString(file),
      actions,
      this.#attributes,
      this.#argv.array,
      envp,
    );
    libc.posix_spawn_file_actions_destroy(actions);
    return errno;
  }

  /** Made once for each set of variables, and kept as long as that. */
  #environment(variables: Readonly<Record<string, string>>): CStrings {
    let environment = this.#environments.get(variables);
    if (!environment) {
      const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
      environment = new CStrings(lines, this.#libc);
      this.#environments.set(variables, environment);
    }
    return environment;
  }

  /** Closes those ends of the pipes that stand at these places. */
  #close(...places: number[]): void {
    for (const place of places) this.#libc.close(this.#pipes.readInt32LE(place));
  }
}
