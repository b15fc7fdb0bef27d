// The few calls Node has no door to, through koffi: the original destination of an accepted socket, pipes, and what a
// pseudo-terminal needs. Loaded once, and only when first needed (7 ms). Failures come back as undefined.

import { constants } from "node:fs";

export interface Native {
  /** SO_ORIGINAL_DST of an accepted socket: struct sockaddr_in or sockaddr_in6, undefined where nothing is known. */
  readonly originalDestination: (fd: number, family: 4 | 6) => Buffer | undefined;
  /** Read end and write end, both close-on-exec. */
  readonly pipe: () => readonly [number, number] | undefined;
  /** Unlocks the other end of a `/dev/ptmx` and opens it. */
  readonly openPeer: (master: number) => number | undefined;
  /** Columns and rows of the one terminal for the other. */
  readonly copySize: (from: number, to: number) => void;
  /** struct termios of the kernel: line settings such as erase key and flow control. */
  readonly readSettings: (terminal: number) => Buffer | undefined;
  readonly writeSettings: (terminal: number, settings: Buffer) => void;
}

const solIp = 0;
const solIpv6 = 41;
const originalDst = 80;
/** asm-generic/ioctls.h, the same on x86-64 and aarch64. */
const requests = {
  getSettings: 0x5401,
  setSettings: 0x5402,
  getSize: 0x5413,
  setSize: 0x5414,
  lock: 0x40045431,
  peer: 0x5441,
} as const;
const closeOnExec = 0o2000000;

let loaded: Promise<Native> | undefined;

export function loadNative(): Promise<Native> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Native> {
  const { default: koffi } = await import("koffi");
  const libc = koffi.load(null);
  const getsockopt = libc.func("int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ uint32_t *)");
  const pipe2 = libc.func("int pipe2(_Out_ int *, int)");
  const ioctl = libc.func("ioctl", "int", ["int", "unsigned long", "void *"]);
  const ioctlByValue = libc.func("ioctl", "int", ["int", "unsigned long", "long"]);
  return {
    originalDestination: (fd, family) => {
      const bytes = Buffer.alloc(28);
      const length = [bytes.length];
      const result: unknown = getsockopt(fd, family === 4 ? solIp : solIpv6, originalDst, bytes, length);
      return result === 0 ? bytes.subarray(0, length[0]) : undefined;
    },
    pipe: () => {
      const ends: number[] = [-1, -1];
      const result: unknown = pipe2(ends, closeOnExec);
      const [read, write] = ends;
      return result === 0 && read !== undefined && write !== undefined ? [read, write] : undefined;
    },
    openPeer: (master) => {
      const unlocked: unknown = ioctl(master, requests.lock, Buffer.alloc(4));
      const peer: unknown = ioctlByValue(master, requests.peer, constants.O_RDWR | constants.O_NOCTTY | closeOnExec);
      return unlocked === 0 && typeof peer === "number" && peer >= 0 ? peer : undefined;
    },
    copySize: (from, to) => {
      const size = Buffer.alloc(8);
      if (ioctl(from, requests.getSize, size) === 0) ioctl(to, requests.setSize, size);
    },
    readSettings: (terminal) => {
      const settings = Buffer.alloc(64);
      return ioctl(terminal, requests.getSettings, settings) === 0 ? settings : undefined;
    },
    writeSettings: (terminal, settings) => {
      ioctl(terminal, requests.setSettings, settings);
    },
  };
}
