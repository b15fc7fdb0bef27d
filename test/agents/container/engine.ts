// A container engine of the test's own: Podman, its whole state in the test's directory, in the mount and network namespaces of
// a world outside. The real engine, its usual seccomp profile and covers; what is made easier is said at each flag.

import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Engine {
  /** Told the dev container CLI as its docker. */
  readonly program: string;
  readonly run: (words: readonly string[]) => Promise<Finished>;
  /** Any program, where the engine is. */
  readonly there: (words: readonly string[]) => Promise<Finished>;
}

export interface Finished {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Rlimits: a machine without CAP_SYS_RESOURCE cannot raise them. `netns`: nothing is fetched. */
const settings = `[containers]
cgroups = "disabled"
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

export async function openEngine(enter: readonly string[], directory: string): Promise<Engine> {
  const at = (name: string): string => join(directory, name);
  for (const name of ["home", "run", "tmp"]) mkdirSync(at(name), { recursive: true, mode: 0o700 });
  writeFileSync(at("containers.conf"), settings);
  const program = at("podman");
  const where = `--root ${at("root")} --runroot ${at("run")} --tmpdir ${at("tmp")} --storage-driver overlay`;
  // --userns=keep-id, which the CLI adds for Podman, is for engines without root
  const drop =
    'n=$#; while [ $n -gt 0 ]; do a=$1; shift; [ "$a" = --userns=keep-id ] || set -- "$@" "$a"; n=$((n-1)); done';
  writeFileSync(program, `#!/bin/sh\n${drop}\nexec podman ${where} "$@"\n`);
  chmodSync(program, 0o755);
  const environment = {
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    HOME: at("home"),
    XDG_RUNTIME_DIR: at("run"),
    TMPDIR: at("tmp"),
    CONTAINERS_CONF: at("containers.conf"),
    // its other manner raises a limit as well
    BUILDAH_ISOLATION: "chroot",
  };
  const there = (words: readonly string[]): Promise<Finished> => {
    const [first = "", ...rest] = [...enter, ...words];
    return new Promise((resolve) => {
      const options = { env: environment, timeout: 240_000, maxBuffer: 64 << 20 };
      execFile(first, rest, options, (error, output, errors) =>
        resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 255, output, errors }),
      );
    });
  };
  // crun wants one kind of control groups; the machine may have both
  const mounted = await there(["sh", "-c", "umount -R /sys/fs/cgroup; exec mount -t cgroup2 none /sys/fs/cgroup"]);
  if (mounted.code !== 0) throw new Error(mounted.errors);
  return { program, there, run: (words) => there([program, ...words]) };
}
