// A failing step and what it said in, a fault with the exact remedy out. The settings that forbid namespaces differ by
// distribution; they are read here, so that the hint names the one in force.

import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault } from "../contract.ts";
import type { Step } from "./channel.ts";
import { loosen, type Read, readConfinement, readSetting } from "./confinement.ts";

export interface Setting {
  readonly path: string;
  /** The value that forbids. */
  readonly forbids: string;
  readonly remedy: string;
}

export const settings: readonly Setting[] = [
  ...["user", "mnt", "net", "pid"].map((kind) => ({
    path: `/proc/sys/user/max_${kind}_namespaces`,
    forbids: "0",
    remedy: `sudo sysctl -w user.max_${kind}_namespaces=15000`,
  })),
  {
    path: "/proc/sys/kernel/unprivileged_userns_clone",
    forbids: "0",
    remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
  },
  {
    path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    forbids: "1",
    remedy: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  },
];

/** The setting in force that forbids user namespaces, if one does. */
export const forbidding = (read: Read = readSetting): Setting | undefined =>
  settings.find(({ path, forbids }) => read(path) === forbids);

/** Gives a container's /proc back whole. */
export const writable = "in a container, start it with --security-opt systempaths=unconfined";
const modules = "sudo modprobe -a nf_tables nf_conntrack nft_chain_nat nft_redir";

const most = "sudo sysctl -w user.max_user_namespaces=15000";
const anywhere =
  "see that the kernel has user namespaces (CONFIG_USER_NS), and that this is no chroot, where none can be made";

/** unshare or bubblewrap could not make its namespaces. */
export function refuseNamespaces(complaint: string, read: Read = readSetting): BoundaryFault {
  return new Fault({
    code: "no-namespaces",
    message: `user namespaces cannot be made here: ${oneLine(complaint)}`,
    hint: openNamespaces(complaint, read),
  });
}

function openNamespaces(complaint: string, read: Read): string {
  // ENOSPC: as many as a setting lets be made are there; where that is none it can be any kind of namespace's
  const full = /no space left/i.test(complaint);
  const none = forbidding(full ? (path) => (path.includes("/max_") ? read(path) : undefined) : read);
  const setting = none?.remedy ?? (full ? most : undefined);
  return (setting === undefined ? undefined : blame(setting, read)) ?? loosen(readConfinement(read)) ?? anywhere;
}

/**
 * A setting's remedy, by where it can be followed; undefined where a container's filter or profile is at fault and not the
 * setting: seen from there it is the host's, and Ubuntu's holds only for who has no profile.
 */
export function blame(remedy: string, read: Read = readSetting): string | undefined {
  const { runtime, filtered, profile } = readConfinement(read);
  if (runtime === undefined) return remedy;
  return filtered || profile !== undefined ? undefined : `on the host of this container: ${remedy}`;
}

/** Podman's usual filter lets namespaces be made, and not what is done in them (sethostname). */
export function refuseView(read: Read = readSetting): BoundaryFault {
  const confinement = readConfinement(read);
  const { filtered, profile } = confinement;
  const there = [filtered ? "a seccomp filter" : "", profile === undefined ? "" : `the AppArmor profile ${profile}`];
  const before = there.filter(Boolean).join(" and ");
  const loose = loosen({ ...confinement, runtime: confinement.runtime ?? "engine" });
  return new Fault({
    code: "no-mount",
    message: `bubblewrap could not build the file view; what it said stands above${before === "" ? "" : `, and ${before} stood there before ours`}`,
    hint:
      before === ""
        ? "postern doctor shows whether namespaces work here; else a mount of the policy is at fault"
        : `${loose}; else a mount of the policy is at fault`,
  });
}

export function refuseStep(step: Step | "probe", complaint: string, read: Read = readSetting): BoundaryFault {
  const told = oneLine(complaint);
  // AppArmor lets the namespace be made and forbids what it is for; never what a checkout's names and modes may have a say in
  if (isOfMachine(step) && /not permitted|denied/i.test(told) && forbidding(read) !== undefined)
    return refuseNamespaces(told, read);
  return new Fault({
    code: codeOf(step),
    message: {
      proc: `this system's /proc could not be laid aside: ${told}`,
      seal: `what is shown of the host could not be made unwritable: ${told}`,
      routes: `the namespace's addresses could not be set: ${told}`,
      rules: `the redirect to the doors could not be loaded: ${told}`,
      doors: `the doors could not be opened: ${told}`,
      files: `what the file view is made of could not be kept: ${told}`,
      places: `a service's place inside could not be opened: ${told}`,
      scratch: `the temporary directories could not be made: ${told}`,
      detours: `a file that is written inside could not be replaced or held: ${told}`,
      watch: `the watch over commands could not be set up: ${told}`,
      probe: `a connection made inside did not come to the doors: ${told}`,
    }[step],
    hint: hintFor(step, told),
  });
}

/** Done before anything of a policy or a checkout is known. */
const isOfMachine = (step: Step | "probe"): boolean => codeOf(step) === "no-redirect";

function codeOf(step: Step | "probe"): BoundaryFault["code"] {
  if (step === "files" || step === "detours" || step === "scratch") return "no-mount";
  if (step === "watch") return "no-watch";
  // the policy says which: nothing the machine lacks
  return step === "places" ? "helper" : "no-redirect";
}

function hintFor(step: Step | "probe", told: string): string {
  if (step === "files") return "make room in /dev/shm or /tmp";
  if (step === "scratch" && told.endsWith("error 2")) return "sudo mount -t sysfs sysfs /sys: it is mounted over there";
  if (step === "places") return "start it again: the kernel had given that port to a door";
  if (step === "rules" || step === "probe") return modules;
  if (step === "watch") return readSetting(ptraceScope) === "3" ? `${watching}; ${sealed}` : watching;
  // IPv6 that is off and cannot be switched on: attempts over it would not be recorded
  if (/EROFS/.test(told)) return `/proc/sys is unwritable here: ${writable}`;
  return loosen(readConfinement()) ?? "postern doctor shows what is missing";
}

const ptraceScope = "/proc/sys/kernel/yama/ptrace_scope";
const sealed = "kernel.yama.ptrace_scope is 3, which only a restart undoes";
const watching =
  "it needs Linux 5.7 with seccomp user notification, no other listener of that kind around (a container's), and to read what commands are given";

export function oneLine(text: string): string {
  const line = text.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  return line.slice(0, 400) || "no reason given";
}
