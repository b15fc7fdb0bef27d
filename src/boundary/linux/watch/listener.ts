// The filter and its listener (seccomp_unotify(2)): put on this process once, then asked for what waits. And the event
// loop's own eye on it, for Node has none for a descriptor of this kind.

import { type Architecture, numberOf } from "../seccomp/numbers.ts";
import type { Foreign } from "./foreign.ts";
import { noticeBytes } from "./notice.ts";
import { refusal } from "./refusal.ts";

export interface Listener {
  /** The next notice, its own bytes; undefined where whoever waited is gone. Blocks where nothing waits: ask `waiting` first. */
  readonly receive: () => Buffer | undefined;
  /** Does this one still wait? Only then was what was read in between its own. */
  readonly valid: (notice: Buffer) => boolean;
  /** False where it is gone. */
  readonly answer: (reply: Buffer) => boolean;
  readonly waiting: () => boolean;
  /** `work` is called on this thread whenever something waits. It may not throw. */
  readonly onWaiting: (work: () => void) => Attention;
}

export interface Attention {
  readonly pause: () => void;
  readonly resume: () => void;
}

/** SECCOMP_SET_MODE_FILTER; TSYNC, NEW_LISTENER, TSYNC_ESRCH. */
const setFilter = 1;
const flags = 1 | 8 | 16;
/** WAIT_KILLABLE_RECV, Linux 5.19: no signal of the tool's own cuts a wait short and begins another. */
const killable = 32;
const einval = 22;

/**
 * Puts this program on every thread of this process, for good, and on all that these will start. Throws where the kernel
 * refuses.
 */
export function installFilter({ koffi, libc }: Foreign, architecture: Architecture, program: Buffer): number {
  const seccomp = libc.func("syscall", "long", ["long", "unsigned int", "unsigned int", "void *"]);
  // struct sock_fprog: how many instructions, and where
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(koffi.address(program), 8);
  const attempt = (more: number): number => {
    const result: unknown = seccomp(numberOf("seccomp", architecture), setFilter, flags | more, header);
    return typeof result === "number" && result >= 0 ? result : -koffi.errno();
  };
  const first = attempt(killable);
  const listener = first === -einval ? attempt(0) : first;
  if (listener < 0) throw refusal(-listener);
  return listener;
}

/** SECCOMP_IOCTL_NOTIF_*, linux/seccomp.h. */
const requests = { receive: 0xc050_2100, send: 0xc018_2101, valid: 0x4008_2102, flags: 0x4008_2104 } as const;
/** SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP: whoever waited goes on at once, on the processor that answered. */
const wakeHere = 1;
const pollIn = 1;

export function openListener(foreign: Foreign, descriptor: number): Listener {
  const { libc } = foreign;
  const ioctl = libc.func("ioctl", "int", ["int", "unsigned long", "void *"]);
  const poll = libc.func("poll", "int", ["void *", "unsigned long", "int"]);
  const set = libc.func("ioctl", "int", ["int", "unsigned long", "unsigned long"]);
  // before Linux 6.6 there is no such flag, and whoever waits is woken a little later
  set(descriptor, requests.flags, wakeHere);
  const notice = Buffer.alloc(noticeBytes);
  const asked = Buffer.alloc(8);
  asked.writeInt32LE(descriptor, 0);
  return {
    receive: () => {
      notice.fill(0);
      return ioctl(descriptor, requests.receive, notice) === 0 ? Buffer.from(notice) : undefined;
    },
    valid: (received) => ioctl(descriptor, requests.valid, received) === 0,
    answer: (reply) => ioctl(descriptor, requests.send, reply) === 0,
    waiting: () => {
      asked.writeInt32LE(pollIn, 4);
      return poll(asked, 1, 0) === 1 && (asked.readUInt16LE(6) & pollIn) !== 0;
    },
    onWaiting: (work) => attend(foreign, descriptor, work),
  };
}

const uvPoll = 8;

/** libuv's own poll handle, on Node's own loop: part of what Node offers to native add-ons (uv.h). */
function attend({ koffi, libc }: Foreign, descriptor: number, work: () => void): Attention {
  const shape = koffi.pointer(koffi.proto("void on_waiting(void *, int, int)"));
  const start = libc.func("uv_poll_start", "int", ["void *", "int", shape]);
  const stop = libc.func("uv_poll_stop", "int", ["void *"]);
  const size: unknown = libc.func("uv_handle_size", "size_t", ["int"])(uvPoll);
  const handle: unknown = koffi.alloc("uint8_t", Number(size));
  const loop: unknown = libc.func("uv_default_loop", "void *", [])();
  const made: unknown = libc.func("uv_poll_init", "int", ["void *", "void *", "int"])(loop, handle, descriptor);
  const called = koffi.register(work, shape);
  if (made !== 0 || start(handle, pollIn, called) !== 0) throw new Error("the event loop does not watch the listener");
  return {
    resume: () => void start(handle, pollIn, called),
    pause: () => void stop(handle),
  };
}
