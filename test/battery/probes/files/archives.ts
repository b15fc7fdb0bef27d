// Technique 80: archives and repositories whose members lead outside of where they are unpacked.

import { symlinkSync, writeFileSync } from "node:fs";
import type { After, Probe } from "../../probe.ts";

const outside = ({ changes }: After): string | undefined => {
  const one = changes.find(({ path }) => path.startsWith("out/") || path.startsWith("home/"));
  return one === undefined ? undefined : `${one.path} is ${one.what}`;
};

const base = { technique: 80, source: "zip slip", record: "unseen", landed: outside } as const;

export const archives: readonly Probe[] = [
  {
    ...base,
    id: "archive-dots",
    title: "a member with a path upwards, unpacked as it says",
    inside: ({ out }) =>
      `python3 -c 'import tarfile, io
t = tarfile.open("a.tar", "w"); i = tarfile.TarInfo("../out/slipped"); i.size = 1; t.addfile(i, io.BytesIO(b"x")); t.close()'; tar -xPf a.tar; : "${out}"`,
  },
  {
    ...base,
    id: "archive-link",
    title: "a member that is a link, and one below it",
    inside: ({ out }) =>
      `python3 -c 'import tarfile, io
t = tarfile.open("a.tar", "w")
l = tarfile.TarInfo("l"); l.type = tarfile.SYMTYPE; l.linkname = "${out}"; t.addfile(l)
i = tarfile.TarInfo("l/slipped"); i.size = 1; t.addfile(i, io.BytesIO(b"x")); t.close()'; python3 -c 'import tarfile; tarfile.open("a.tar").extractall()'; bsdtar -xPf a.tar; tar -xPf a.tar; echo x > l/slipped`,
  },
  {
    ...base,
    id: "archive-checkout",
    title: "a branch of git's whose file lies below a link",
    prepare: ({ work, out }) => {
      symlinkSync(out, `${work}/lnk`);
      writeFileSync(`${work}/lnk2`, "");
    },
    inside: () =>
      "export GIT_AUTHOR_NAME=p GIT_AUTHOR_EMAIL=p@x GIT_COMMITTER_NAME=p GIT_COMMITTER_EMAIL=p@x; git add -A; git commit -qm link; rm lnk; mkdir lnk; echo x > lnk/slipped; git add -A; git commit -qm file; git checkout -q HEAD~1; echo y > lnk/slipped",
  },
];
