import { endianness } from "node:os";

/** How the functions of libc that sockets need are called. Memory is passed by address: those of batches are computed once, not at each call. */
const SIGNATURES = {
  socket: { return: "i32", arguments: ["i32", "i32", "i32"] },
  setsockopt: { return: "i32", arguments: ["i32", "i32", "i32", "u64", "u32"] },
  getsockopt: { return: "i32", arguments: ["i32", "i32", "i32", "u64", "u64"] },
  sendmmsg: { return: "i32", arguments: ["i32", "u64", "u32", "i32"] },
  recvmmsg: { return: "i32", arguments: ["i32", "u64", "u32", "i32", "u64"] },
  close: { return: "i32", arguments: ["i32"] },
  clock_gettime: { return: "i32", arguments: ["i32", "u64"] },
  if_nametoindex: { return: "u32", arguments: ["string"] },
  __errno_location: { return: "pointer", arguments: [] },
} as const;

/** The part of libc that an ICMP socket needs, as functions. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: bigint, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: bigint, length: bigint): number;
  sendmmsg(fd: number, messages: bigint, count: number, flags: number): number;
  recvmmsg(fd: number, messages: bigint, count: number, flags: number, timeout: bigint): number;
  close(fd: number): number;
  clock_gettime(clock: number, time: bigint): number;
  /** The number of a network interface, 0 when there is none of that name. */
  if_nametoindex(name: string): number;
  /** The error of the call before, as a number. */
  errno(): number;
  /** Where a buffer's bytes are; they do not move as long as it is kept. */
  address(buffer: ArrayBuffer): bigint;
}

/**
 * Binds libc. The numbers and layouts used with it are those of Linux on 64-bit little-endian machines, glibc and musl.
 * @returns the functions, or why they cannot be had
 */
export function loadLibc(): { readonly libc: Libc } | { readonly why: string } {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch) || endianness() !== "LE")
    return { why: `not tried on ${process.platform} ${process.arch}` };
  try {
    const ffi = withoutFfiWarning(() => process.getBuiltinModule("node:ffi"));
    if (!ffi) return { why: `Node ${process.versions.node} has no node:ffi` };
    // Null names the program itself, which has libc in it whatever its file is called here.
    const { functions } = withoutFfiWarning(() => ffi.dlopen(null, SIGNATURES));
    const { __errno_location: errnoLocation, ...calls } = functions;
    // Each thread has its own, which does not move.
    const errno = errnoLocation() as bigint;
    return {
      libc: {
        ...(calls as unknown as Omit<Libc, "errno" | "address">),
        errno: () => ffi.getInt32(errno),
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
