// What a container's runtime, or AppArmor, has put around this process, told from the system's own files; and what takes it
// away again. Only what is in force is named: whoever is told to open more than is needed opens more than is needed.

import { existsSync, readFileSync } from "node:fs";

/** What a file says, without the white space around it; undefined where it is not there or says nothing to us. */
export type Read = (path: string) => string | undefined;

export const readSetting: Read = (path) => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return existsSync(path) ? "" : undefined;
  }
};

export interface Confinement {
  /** Whose container this is; undefined: none, as far as files tell. */
  readonly runtime: "kubernetes" | "engine" | undefined;
  /** A seccomp filter stood there before ours. */
  readonly filtered: boolean;
  /** The AppArmor profile this process is under: `docker-default`, `unprivileged_userns`. */
  readonly profile: string | undefined;
}

/** Left by Docker, Podman, and whatever starts its containers through systemd's conventions (LXC, nspawn). */
const marks = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"];

export function readConfinement(read: Read = readSetting): Confinement {
  // what a kubelet mounts into each container: its hosts, its termination log
  const pod = /\/kubelet\/pods\//.test(read("/proc/self/mountinfo") ?? "");
  const engine = marks.some((path) => read(path) !== undefined);
  const label = read("/proc/self/attr/apparmor/current") || read("/proc/self/attr/current") || "unconfined";
  const profile = / \((?:enforce|kill)\)$/.test(label) ? label.replace(/ \(\w+\)$/, "") : undefined;
  return {
    runtime: pod ? "kubernetes" : engine ? "engine" : undefined,
    filtered: /^Seccomp:\s+2$/m.test(read("/proc/self/status") ?? ""),
    profile,
  };
}

/** What a container is to be started with; undefined outside of one. Where nothing is seen in force, all that may be. */
export function loosen({ runtime, filtered, profile }: Confinement): string | undefined {
  if (runtime === undefined) return undefined;
  const all = !filtered && profile === undefined;
  const [seccomp, apparmor] = [all || filtered, all || profile !== undefined];
  if (runtime === "kubernetes") {
    const fields = [
      ...(seccomp ? ["seccompProfile: {type: Unconfined}"] : []),
      ...(apparmor ? ["appArmorProfile: {type: Unconfined}"] : []),
    ];
    return `in a pod, give the container's securityContext ${fields.join(" and ")}`;
  }
  const options = [
    ...(seccomp ? ["--security-opt seccomp=unconfined"] : []),
    ...(apparmor ? ["--security-opt apparmor=unconfined"] : []),
  ];
  return `in a container, start it with ${options.join(" ")}`;
}
