import { endianness } from "node:os";

/** How the functions of libc that spawning needs are called; ints are returned, most say 0 for success. */
const SIGNATURES = {
  posix_spawn: { return: "i32", arguments: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"] },
  posix_spawn_file_actions_init: { return: "i32", arguments: ["buffer"] },
  posix_spawn_file_actions_destroy: { return: "i32", arguments: ["buffer"] },
  posix_spawn_file_actions_adddup2: { return: "i32", arguments: ["buffer", "i32", "i32"] },
  posix_spawn_file_actions_addopen: { return: "i32", arguments: ["buffer", "i32", "buffer", "i32", "u32"] },
  posix_spawn_file_actions_addchdir_np: { return: "i32", arguments: ["buffer", "buffer"] },
  posix_spawnattr_init: { return: "i32", arguments: ["buffer"] },
  posix_spawnattr_setflags: { return: "i32", arguments: ["buffer", "i16"] },
  posix_spawnattr_setsigdefault: { return: "i32", arguments: ["buffer", "buffer"] },
  posix_spawnattr_setsigmask: { return: "i32", arguments: ["buffer", "buffer"] },
  sigemptyset: { return: "i32", arguments: ["buffer"] },
  sigfillset: { return: "i32", arguments: ["buffer"] },
  waitpid: { return: "i32", arguments: ["i32", "buffer", "i32"] },
  pipe2: { return: "i32", arguments: ["buffer", "i32"] },
  poll: { return: "i32", arguments: ["buffer", "u64", "i32"] },
  read: { return: "i64", arguments: ["i32", "buffer", "u64"] },
  close: { return: "i32", arguments: ["i32"] },
  __errno_location: { return: "pointer", arguments: [] },
} as const;

/** The part of libc that spawning needs, as functions. */
export interface Libc {
  posix_spawn(
    pid: Buffer,
    path: Buffer,
    actions: Buffer,
    attributes: Buffer,
    argv: Buffer,
    envp: Buffer,
  ): number;
  posix_spawn_file_actions_init(actions: Buffer): number;
  posix_spawn_file_actions_destroy(actions: Buffer): number;
  posix_spawn_file_actions_adddup2(actions: Buffer, from: number, to: number): number;
  posix_spawn_file_actions_addopen(
    actions: Buffer,
    fd: number,
    path: Buffer,
    flags: number,
    mode: number,
  ): number;
  posix_spawn_file_actions_addchdir_np(actions: Buffer, path: Buffer): number;
  posix_spawnattr_init(attributes: Buffer): number;
  posix_spawnattr_setflags(attributes: Buffer, flags: number): number;
  posix_spawnattr_setsigdefault(attributes: Buffer, signals: Buffer): number;
  posix_spawnattr_setsigmask(attributes: Buffer, signals: Buffer): number;
  sigemptyset(signals: Buffer): number;
  sigfillset(signals: Buffer): number;
  waitpid(pid: number, status: Buffer, options: number): number;
  pipe2(fds: Buffer, flags: number): number;
  poll(fds: Buffer, count: bigint, timeout: number): number;
  read(fd: number, buffer: Buffer, length: bigint): bigint;
  close(fd: number): number;
  /** The error of the call before, as a number. */
  errno(): number;
  /** Where a buffer's bytes are. It must be kept alive as long as the address is used. */
  address(buffer: Buffer): bigint;
}

let loaded: { readonly libc: Libc } | { readonly why: string } | undefined;

/**
 * Binds libc, once a process. The numbers and layouts used with it are those of Linux on 64-bit little-endian machines, glibc and musl.
 * @returns the functions, or why they cannot be had
 */
export function loadLibc(): { readonly libc: Libc } | { readonly why: string } {
  loaded ??= bind();
  return loaded;
}

function bind(): { readonly libc: Libc } | { readonly why: string } {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch) || endianness() !== "LE")
    return { why: `not tried on ${process.platform} ${process.arch}` };
  try {
    const ffi = withoutFfiWarning(() => process.getBuiltinModule("node:ffi"));
    if (!ffi) return { why: "this Node has no node:ffi" };
    // Null names the program itself, which has libc in it whatever its file is called here.
    const { functions } = withoutFfiWarning(() => ffi.dlopen(null, SIGNATURES));
    const { __errno_location: errnoLocation, ...calls } = functions;
    return {
      libc: {
        ...(calls as unknown as Omit<Libc, "errno" | "address">),
        errno: () => ffi.getInt32(errnoLocation() as bigint),
        address: (buffer) => ffi.getRawPointer(buffer),
      },
    };
  } catch (error) {
    return { why: (error as Error).message };
  }
}

/** Keeps the one warning about FFI being experimental from people who can do nothing about it, and lets all others through. */
function withoutFfiWarning<Result>(load: () => Result): Result {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: []) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (!text.startsWith("FFI is an experimental feature")) emitWarning.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
