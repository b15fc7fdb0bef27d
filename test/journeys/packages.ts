// One small package for each package manager, as its registry serves it: made here, by the formats' own descriptions.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeBare } from "./git-server.ts";
import type { Stage } from "./stage.ts";

const python = "/usr/bin/python3";

function put(root: string, path: string, data: string | Buffer): Buffer {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
  return Buffer.from(data);
}

/** What a path leads to: a directory is what its file `index` says. */
export function servedAt(root: string, path: string): { readonly path: string; readonly type: string } | undefined {
  const plain = decodeURIComponent(path.split("?")[0] ?? "");
  const at = join(root, plain);
  const found = statSync(at, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return servedAt(root, `${path.replace(/\/$/, "")}/index`);
  const type = plain.endsWith("/index") ? "text/html" : "application/octet-stream";
  return found === undefined || plain.includes("..") ? undefined : { path: at, type };
}

const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

/** Names of npm's packages; `url`: of the registry, with its last slash. */
export function putNpm(stage: Stage, { root, below, url }: { root: string; below: string; url: string }): void {
  for (const name of ["tally", "@team/sum"]) {
    const made = join("packs", name.replace("/", "-"));
    stage.write(join(made, "package/package.json"), JSON.stringify({ name, version: "1.0.0" }));
    stage.write(join(made, "package/made"), name);
    const file = `${name.replace(/.*\//, "")}-1.0.0.tgz`;
    put(
      root,
      `${below}/${name}/-/${file}`,
      execFileSync("tar", ["-C", join(stage.base, made), "-czf", "-", "package"]),
    );
    const dist = { tarball: `${url}${name}/-/${file}` };
    const versions = { "1.0.0": { name, version: "1.0.0", dist } };
    put(root, `${below}/${name}/index`, JSON.stringify({ name, "dist-tags": { latest: "1.0.0" }, versions }));
  }
}

export const wheelName = "tally-1.0.0-py3-none-any.whl";

/** A wheel (PEP 427) beside a simple index (PEP 503). */
export function putPip(stage: Stage, root: string, below: string): void {
  const wheel = wheelName;
  const info = "tally-1.0.0.dist-info";
  stage.write("wheel/tally.py", "made = 'tally'\n");
  stage.write(join("wheel", info, "METADATA"), "Metadata-Version: 2.1\nName: tally\nVersion: 1.0.0\n");
  stage.write(join("wheel", info, "WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
  stage.write(join("wheel", info, "RECORD"), "");
  const file = join(stage.base, wheel);
  execFileSync(python, ["-m", "zipfile", "-c", file, "tally.py", info], { cwd: join(stage.base, "wheel") });
  put(root, `${below}/files/${wheel}`, readFileSync(file));
  put(root, `${below}/simple/tally/index`, `<a href="../../files/${wheel}">${wheel}</a>`);
}

/** A crate and its line in a sparse index (the Cargo book, "Index Format"). */
export function putCrate(stage: Stage, root: string, at: { index: string; crates: string; config: object }): void {
  stage.write("crate/tally-1.0.0/Cargo.toml", '[package]\nname = "tally"\nversion = "1.0.0"\nedition = "2021"\n');
  stage.write("crate/tally-1.0.0/src/lib.rs", "pub fn total(all: &[u64]) -> u64 { all.iter().sum() }\n");
  const packed = execFileSync("tar", ["-C", join(stage.base, "crate"), "-czf", "-", "tally-1.0.0"]);
  put(root, `${at.crates}/tally/tally-1.0.0.crate`, packed);
  put(root, `${at.index}/config.json`, JSON.stringify(at.config));
  const line = { name: "tally", vers: "1.0.0", deps: [], cksum: sha256(packed), features: {}, yanked: false };
  put(root, `${at.index}/ta/ll/tally`, `${JSON.stringify(line)}\n`);
}

/** The same index as a repository of git's; gives its path on the server. */
export function putGitIndex(root: string, index: string): string {
  const files = ["config.json", "ta/ll/tally"].map((path) => [path, readFileSync(join(root, index, path), "utf8")]);
  makeBare(join(root, "git"), "index", Object.fromEntries(files));
  return "git/index";
}

export const goModule = "example.com/tally";

/** A module as a proxy has it (golang.org/ref/mod, "GOPROXY protocol"). */
export function putModule(stage: Stage, root: string, below: string): void {
  const mod = `module ${goModule}\n\ngo 1.18\n`;
  const top = `${goModule}@v1.0.0`;
  stage.write(join("module", top, "go.mod"), mod);
  stage.write(join("module", top, "tally.go"), "package tally\n\nfunc Total(a, b int) int { return a + b }\n");
  const file = join(stage.base, "module.zip");
  const script = `import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n for n in ("go.mod", "tally.go"): z.write(sys.argv[2] + "/" + n)`;
  execFileSync(python, ["-c", script, file, top], { cwd: join(stage.base, "module") });
  const versions = `${below}/${goModule}/@v`;
  put(root, `${versions}/list`, "v1.0.0\n");
  put(root, `${versions}/v1.0.0.info`, JSON.stringify({ Version: "v1.0.0", Time: "2026-01-01T00:00:00Z" }));
  put(root, `${versions}/v1.0.0.mod`, mod);
  put(root, `${versions}/v1.0.0.zip`, readFileSync(file));
}

/** An archive of one suite, `stable main`, signed by a key made for it; gives the file of its public part. */
export function putArchive(stage: Stage, root: string, below: string): string {
  const control =
    "Package: tally\nVersion: 1.0.0\nArchitecture: all\nMaintainer: Nobody <n@example.org>\nDescription: adds\n";
  stage.write("deb/DEBIAN/control", control);
  stage.write("deb/usr/share/tally/made", "tally\n");
  const file = join(stage.base, "tally.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", join(stage.base, "deb"), file]);
  const pool = "pool/tally_1.0.0_all.deb";
  const deb = put(root, `${below}/${pool}`, readFileSync(file));
  const packages = `${control}Filename: ${pool}\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n\n`;
  const architecture = execFileSync("dpkg", ["--print-architecture"]).toString().trim();
  const list = `main/binary-${architecture}/Packages`;
  const index = put(root, `${below}/dists/stable/${list}`, packages);
  const release = `Suite: stable\nCodename: stable\nArchitectures: ${architecture} all\nComponents: main\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n ${sha256(index)} ${index.length} ${list}\n`;
  const keys = join(stage.base, "gpg");
  mkdirSync(keys, { mode: 0o700 });
  const gpg = (words: readonly string[], input = ""): Buffer =>
    execFileSync(
      "gpg",
      ["--homedir", keys, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...words],
      { input },
    );
  gpg(["--quick-gen-key", "archive@example.org", "ed25519", "sign", "never"]);
  put(root, `${below}/dists/stable/InRelease`, gpg(["--clearsign"], release));
  const key = join(stage.base, "archive.gpg");
  writeFileSync(key, gpg(["--export", "archive@example.org"]));
  return key;
}

/** A second place that holds the same. */
export function copyTo(root: string, from: string, to: string): void {
  cpSync(join(root, from), join(root, to), { recursive: true });
}
