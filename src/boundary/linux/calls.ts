// The calls of native.ts themselves: to load koffi takes some milliseconds.

import { constants } from "node:fs";
import koffi from "koffi";
import type { Native } from "./native.ts";

const solIp = 0;
const solIpv6 = 41;
const originalDst = 80;
/** SOL_SOCKET; SO_TYPE, SO_PEERCRED, SO_DOMAIN; AF_UNIX; SOCK_STREAM, SOCK_SEQPACKET: asm-generic/socket.h, linux/net.h. */
const [solSocket, soType, soPeer, soDomain, unix, lasting] = [1, 3, 17, 39, 1, [1, 5]];
/** Of the peer, where there is none. */
const nobody = 0xffff_ffff;
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

export function openCalls(): Native {
  const libc = koffi.load(null);
  const getsockopt = libc.func("int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ uint32_t *)");
  const pipe2 = libc.func("int pipe2(_Out_ int *, int)");
  const ioctl = libc.func("ioctl", "int", ["int", "unsigned long", "void *"]);
  const ioctlByValue = libc.func("ioctl", "int", ["int", "unsigned long", "long"]);
  const optionOf = (fd: number, option: number): Buffer | undefined => {
    const bytes = Buffer.alloc(12);
    const result: unknown = getsockopt(fd, solSocket, option, bytes, [bytes.length]);
    return result === 0 ? bytes : undefined;
  };
  return {
    leadsToOne: (fd) => {
      const [domain, type] = [soDomain, soType].map((option) => optionOf(fd, option)?.readUInt32LE(0) ?? 0);
      // a stream without a peer could still be connected to any name of this machine
      return (
        domain === unix && lasting.includes(type ?? 0) && (optionOf(fd, soPeer)?.readUInt32LE(4) ?? nobody) !== nobody
      );
    },
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
