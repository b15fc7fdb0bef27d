// A container that somebody else built, for one test: runc's, with this system's /usr and the tests' own Node read-only, a network
// namespace of its own and whatever ways out the test gives it. Needs root and runc.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Container extends Disposable {
  /** What a command is put behind to run inside. */
  readonly enter: readonly string[];
  readonly door: { readonly host: string; readonly inside: string };
  /** Of its first process, as seen here. */
  readonly pid: number;
  /** A way out: a pair of interfaces to this namespace. Its address here. */
  readonly join: () => string;
}

export interface Building {
  readonly base: string;
  readonly work: string;
  /** The checkout inside. */
  readonly workspace?: string;
  /** `host`: this machine's own network. */
  readonly network?: "own" | "host";
  /** Further binds: place inside → from. */
  readonly binds?: Readonly<Record<string, string>>;
}

const found = spawnSync("sh", ["-c", "PATH=$PATH:/usr/sbin:/sbin command -v runc"], { encoding: "utf8" });
const engine = found.stdout.trim();

/** `false` where it can be had, else what to say loudly. */
export const withoutContainers: string | false =
  process.getuid?.() !== 0
    ? "needs root: a container is started"
    : engine !== ""
      ? false
      : "no runc here: apt-get install -y --no-install-recommends runc";

let count = 0;

export function openContainer({ base, work, workspace = work, network = "own", binds = {} }: Building): Container {
  count += 1;
  const number = count;
  const name = `postern-test-${process.pid}-${count}`;
  const bundle = join(base, `container-${count}`);
  const rootfs = join(bundle, "rootfs");
  const runc = [engine, "--root", join(bundle, "state")];
  const door = { host: join(base, `door-${count}`), inside: "/run/postern-door" };
  mkdirSync(door.host, { mode: 0o700 });
  for (const path of ["usr", "proc", "dev", "etc", "tmp", "run", "root", "node"])
    mkdirSync(join(rootfs, path), { recursive: true });
  for (const link of ["bin", "lib", "lib64", "sbin"]) symlinkSync(`usr/${link}`, join(rootfs, link));
  const bind = (destination: string, source: string, how = "rw") => ({
    destination,
    source,
    type: "bind",
    options: ["rbind", how],
  });
  const process_ = {
    cwd: "/",
    args: ["/usr/bin/sleep", "1000"],
    env: ["PATH=/node:/usr/bin:/bin", "HOME=/root"],
    user: { uid: 0, gid: 0 },
    noNewPrivileges: true,
  };
  const namespaces = ["pid", "ipc", "uts", "mount", ...(network === "own" ? ["network"] : [])];
  const config = {
    ociVersion: "1.0.0",
    process: process_,
    root: { path: "rootfs", readonly: false },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["mode=755"] },
      { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"] },
      bind("/usr", "/usr", "ro"),
      bind("/node", dirname(process.execPath), "ro"),
      bind(door.inside, door.host),
      bind(workspace, work),
      ...Object.entries(binds).map(([inside, from]) => bind(inside, from)),
    ],
    linux: { namespaces: namespaces.map((type) => ({ type })) },
  };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
  const call = (...words: string[]) => execFileSync(runc[0] ?? "", [...runc.slice(1), ...words], { stdio: "ignore" });
  call("run", "--detach", "--bundle", bundle, name);
  const state = execFileSync(runc[0] ?? "", [...runc.slice(1), "state", name], { encoding: "utf8" });
  const { pid } = JSON.parse(state) as { readonly pid: number };
  return {
    enter: [...runc, "exec", name],
    door,
    pid,
    join: () => joinNetworks(pid, number),
    [Symbol.dispose]: () => {
      call("delete", "--force", name);
      rmSync(bundle, { recursive: true, force: true });
    },
  };
}

function joinNetworks(pid: number, number: number): string {
  const [here, there] = [`pt${process.pid % 100_000}h${number}`, `pt${process.pid % 100_000}c${number}`];
  const ip = (...words: string[]) => execFileSync("ip", words, { stdio: "ignore" });
  const within = (...words: string[]) =>
    execFileSync("nsenter", ["-t", String(pid), "-n", "ip", ...words], { stdio: "ignore" });
  ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", String(pid));
  ip("addr", "add", `10.99.${number}.1/24`, "dev", here);
  ip("link", "set", here, "up");
  within("addr", "add", `10.99.${number}.2/24`, "dev", there);
  within("link", "set", there, "up");
  return `10.99.${number}.1`;
}
