// One virtual machine of the whole emulation (no KVM is asked for): Debian's kernel under Debian's qemu, the files of the
// machine outside shown read-only over 9p, a scratch disk of its own, no network. Its clock counts its instructions: whatever
// waits inside waits as long as it would on a slow processor, however slowly this one emulates it, so no bound of a probe
// has to be stretched. What it says comes line by line; one that says nothing for long is ended.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Told } from "./inside.ts";
import type { Kernel } from "./package.ts";

export interface Plan {
  readonly kernel: Kernel;
  readonly initramfs: string;
  readonly project: string;
  readonly modules: string;
  /** Made here; and the file that what the kernel says is kept in. */
  readonly disk: string;
  readonly log: string;
}

const program = "qemu-system-x86_64";
export const memory = 2560;
/** Not the processor's flaws, whose remedies cost the emulation half of its speed; nobody in there exploits them. */
export const words = "console=ttyS0 quiet panic=-1 mitigations=off";
const diskSize = "6G";
/** An ordinary user may have no `sbin` on its PATH. */
const system = () => ({ PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` });
/**
 * Milliseconds without a word. A probe may take two minutes of the guest's clock, each second of it five of a processor's here,
 * and of that a busy machine was seen to give a sixth.
 */
const longest = 2 * 60 * 60_000;

export const emulator = (): string =>
  execFileSync(program, ["--version"], { encoding: "utf8" }).split("\n")[0]?.trim() ?? "";

/** A directory the guest may look into, by the name it mounts it by. */
function show(tag: string, path: string): readonly string[] {
  const device = `local,id=${tag},path=${path},security_model=none,readonly=on,multidevs=remap`;
  return ["-fsdev", device, "-device", `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`];
}

function wordsFor({ kernel, initramfs, project, modules, disk, log }: Plan): readonly string[] {
  return [
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor", "none"],
    ...["-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "1", "-m", String(memory), "-icount", "shift=0"],
    ...["-kernel", kernel.image, "-initrd", initramfs, "-append", words],
    ...["-serial", `file:${log}`, "-serial", "stdio"],
    ...["-drive", `file=${disk},format=raw,if=virtio,cache=unsafe`],
    ...show("usr", "/usr"),
    ...show("kernel", kernel.directory),
    ...show("project", project),
    ...show("modules", modules),
  ];
}

/** Resolves when it has ended, by itself or not: `whole` where it said that it had carried out everything. */
export async function runMachine(plan: Plan, hear: (told: Told) => void): Promise<{ whole: boolean; why: string }> {
  closeSync(openSync(plan.disk, "w"));
  execFileSync("mke2fs", ["-q", "-F", "-t", "ext4", plan.disk, diskSize], { env: system() });
  // nobody waits for a machine whose lane was killed
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", program, ...wordsFor(plan)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<string>((resolve) => {
    child.on("error", (cause) => resolve(String(cause)));
    child.on("exit", (code, signal) => resolve(`it ended with ${signal ?? code}`));
  });
  const complaint = text(child.stderr);
  let [whole, silent] = [false, false];
  const watchdog = setTimeout(() => {
    silent = true;
    child.kill("SIGKILL");
  }, longest);
  for await (const line of createInterface(child.stdout)) {
    const told = parseTold(line);
    if (told === undefined) continue;
    watchdog.refresh();
    if (told.kind === "end") whole = true;
    else hear(told);
  }
  const why = `${silent ? "it said nothing for two hours" : await ended} ${(await complaint).trim()}`.trim();
  clearTimeout(watchdog);
  return { whole, why };
}

/** A line that a machine was cut off in, or that is the firmware's, says nothing. */
function parseTold(line: string): Told | undefined {
  try {
    return JSON.parse(line) as Told;
  } catch {
    return undefined;
  }
}
