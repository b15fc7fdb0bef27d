// A signal to one very process: a descriptor is opened on it (pidfd_open(2)), then it is made sure who it is, then the
// signal goes to the descriptor. A number that was given to another process in between cannot be hit.

import { closeSync } from "node:fs";
import { constants } from "node:os";
import { type Life, lifeOf } from "./life.ts";

/** asm-generic/unistd.h, the same on x86-64 and aarch64. */
const calls = { sendSignal: 424, open: 434 } as const;

/** False where that process is no more, or is not ours to signal. */
export async function signalLife({ pid, began }: Life, signal: NodeJS.Signals): Promise<boolean> {
  const { default: koffi } = await import("koffi");
  const syscall = koffi.load(null).func("syscall", "long", ["long", "long", "long", "long", "long"]);
  const descriptor: unknown = syscall(calls.open, pid, 0, 0, 0);
  if (typeof descriptor !== "number" || descriptor < 0) return false;
  try {
    if (lifeOf(pid)?.began !== began) return false;
    return syscall(calls.sendSignal, descriptor, constants.signals[signal], 0, 0) === 0;
  } finally {
    closeSync(descriptor);
  }
}
