// What a dev container is made of here: a Debian as debootstrap lays it out, with this Node, npm and what a boundary is built with, and the
// package as npm would publish it, but that it brings its dependencies, so that its installation asks nobody.

import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const root = new URL("../../..", import.meta.url).pathname;
const cache = process.env["POSTERN_AGENTS"] ?? "/var/tmp/postern-agents";
const packages = "ca-certificates,bubblewrap,nftables,iproute2,git";

const run = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 });

export const withoutEngine: string | false =
  process.getuid?.() !== 0
    ? "NOT TRIED: only root starts an engine of its own here"
    : ["podman", "crun", "debootstrap"].every((name) => spawnSync(name, ["--version"]).status === 0)
      ? false
      : "NOT TRIED: no container engine here: apt-get install -y --no-install-recommends podman crun debootstrap";

/** Kept between runs; a tar. */
export function bareImage(): string {
  const kept = join(cache, "bookworm.tar");
  if (existsSync(kept)) return kept;
  const tree = join(cache, "bookworm");
  rmSync(tree, { recursive: true, force: true });
  run("debootstrap", "--variant=minbase", `--include=${packages}`, "bookworm", tree);
  run("chroot", tree, "/usr/sbin/useradd", "-m", "-s", "/bin/bash", "dev");
  run("tar", "-C", tree, "-cf", `${kept}.new`, ".");
  run("mv", `${kept}.new`, kept);
  rmSync(tree, { recursive: true, force: true });
  return kept;
}

/** Below `/usr/local`, as a layer of its own: this Node, npm, and the package. */
export function layTools(directory: string): void {
  const [bin, lib] = [join(directory, "bin"), join(directory, "lib/node_modules")];
  for (const path of [bin, lib]) mkdirSync(path, { recursive: true });
  copyFileSync(process.execPath, join(bin, "node"));
  const npm = join(realpathSync(run("sh", "-c", "command -v npm").trim()), "../..");
  cpSync(npm, join(lib, "npm"), { recursive: true, verbatimSymlinks: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(bin, "npm"));
  pack(join(directory, "share"));
}

function pack(directory: string): void {
  mkdirSync(directory, { recursive: true });
  run("npx", "rolldown", "-c", "rolldown.config.ts");
  run("npm", "pack", "--silent", "--pack-destination", directory);
  const tarball = join(directory, run("sh", "-c", `ls ${directory}`).trim());
  run("tar", "-C", directory, "-xzf", tarball);
  rmSync(tarball);
  const file = join(directory, "package/package.json");
  const described = JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, string> };
  const native = `@koromix/koffi-linux-${process.arch}`;
  const dependencies = { ...described.dependencies, [native]: described.dependencies["koffi"] };
  for (const name of Object.keys(dependencies))
    cpSync(realpathSync(join(root, "node_modules", name)), join(directory, "package/node_modules", name), {
      recursive: true,
    });
  const bundled = { ...described, dependencies, bundleDependencies: Object.keys(dependencies), devDependencies: {} };
  writeFileSync(file, JSON.stringify(bundled));
  run("tar", "-C", directory, "-czf", join(directory, "postern.tgz"), "package");
  rmSync(join(directory, "package"), { recursive: true });
}

/** As Docker's sources have it; Debian publishes them. */
export function dockerProfile(directory: string): string {
  const sources = "golang-github-docker-docker-dev";
  const kept = join(cache, "docker-seccomp.json");
  if (existsSync(kept)) return kept;
  run(
    "sh",
    "-c",
    `cd ${directory} && apt-get -q download ${sources} >&2 && dpkg-deb --fsys-tarfile ${directory}/${sources}_*.deb | tar -xO --wildcards '*/profiles/seccomp/default.json' >${kept}.new`,
  );
  run("mv", `${kept}.new`, kept);
  return kept;
}
