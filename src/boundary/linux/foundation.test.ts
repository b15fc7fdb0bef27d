// The shell that hands the network's text to two programs and lets a third mount: stand-ins say what they got, or fail.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failedStep, type Mounting, writeFoundation } from "./foundation.ts";
import { pickPorts } from "./network.ts";
import { openFolder } from "./trial.ts";

const ports = { tcp: 61_001, dns: 61_002, udp: 61_003 };
const builders = ["ip", "nft", "mount"] as const;
const odd = "/a file/with 'signs' $HOME";
const mounts: readonly Mounting[] = [
  ["--bind", "-o", "ro,nosuid", odd, odd],
  ["-o", "remount,bind,ro", "/dev"],
  ["--bind", "-o", "ro", "/b", "/b"],
];

function lay(folder: string, { failing, mounted = mounts }: { failing?: string; mounted?: readonly Mounting[] } = {}) {
  const path = (name: string) => join(folder, name);
  for (const name of builders) {
    const keep = `cat >${path(`${name}.input`)}; printf '%s|' "$@" >>${path(`${name}.words`)}`;
    const end = name === failing ? `echo "${name} is broken" >&2; exit 2` : "exit 0";
    writeFileSync(path(name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${keep}\n${end}\n`, { mode: 0o755 });
  }
  const programs = { ip: path("ip"), nft: path("nft"), mount: path("mount") };
  const words = writeFoundation(programs, { ports, v6: true, mounts: mounted });
  const { status, stderr } = spawnSync("/bin/sh", words, { env: {}, stdio: ["ignore", "pipe", "pipe"] });
  const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : undefined);
  return { status, said: stderr.toString().trim(), read };
}

test("each gets its text, whole, and its words as they are", () => {
  using folder = openFolder();
  const { status, said, read } = lay(folder.path);
  assert.deepEqual([status, said], [0, ""]);
  assert.match(
    read("ip.input") ?? "",
    /^link set lo up\n(?:.*\n)*route add local ::\/0 dev lo src fd00:70::1 table main\n$/,
  );
  const rules = read("nft.input") ?? "";
  for (const port of Object.values(ports)) assert.ok(rules.includes(`redirect to :${port};`), rules);
  assert.deepEqual([read("ip.words"), read("nft.words")], ["-batch|-|", "-f|-|"]);
  assert.equal(read("mount.words"), mounts.map((words) => `--no-mtab|${words.join("|")}|`).join(""));
});

test("nothing is mounted where nothing is to be", () => {
  using folder = openFolder();
  const { status, read } = lay(folder.path, { mounted: [] });
  assert.deepEqual([status, read("mount.words")], [0, undefined]);
});

const steps = { ip: "routes", nft: "rules", mount: "seal" } as const;
for (const name of builders)
  test(`${name} that fails is told apart, with what it said, and nothing follows`, () => {
    using folder = openFolder();
    const { status, said, read } = lay(folder.path, { failing: name });
    assert.deepEqual([failedStep(status), said], [steps[name], `${name} is broken`]);
    const after = builders.slice(builders.indexOf(name) + 1);
    assert.ok(after.every((later) => read(`${later}.words`) === undefined));
    assert.equal(read(`${name}.words`)?.match(/--no-mtab/g)?.length, name === "mount" ? 1 : undefined);
  });

test("the doors' ports are three, above those the kernel gives to whoever asks for any", () => {
  for (let round = 0; round < 1000; round += 1) {
    const picked = Object.values(pickPorts());
    assert.equal(new Set(picked).size, 3);
    assert.ok(
      picked.every((port) => port > 60_999 && port < 65_536),
      String(picked),
    );
  }
});
