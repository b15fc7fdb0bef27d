// Techniques 2 to 4: writing where nothing was granted, directly and through names in the checkout that lead there.

import { symlinkSync } from "node:fs";
import type { After, Probe } from "../../probe.ts";

/** Anything below `out/` or the home that is not as it was. */
const touched = ({ changes }: After): string | undefined => {
  const one = changes.find(({ path }) => path.startsWith("out/") || path === "out");
  return one === undefined ? undefined : `${one.path} is ${one.what}`;
};

const base = { source: "list", record: "unseen", landed: touched } as const;

export const outside: readonly Probe[] = [
  {
    ...base,
    id: "write-outside",
    technique: 2,
    title: "write a file outside the checkout",
    decisive: true,
    inside: ({ out }) => `echo x > "${out}/new"; echo x >> "${out}/file"`,
  },
  {
    ...base,
    id: "write-through-symlink",
    technique: 3,
    title: "a link in the checkout that leads outside, written through",
    source: "codex apply_patch through links",
    decisive: true,
    inside: ({ out }) => `ln -s "${out}/file" l; echo pwn > l; ln -s "${out}" d; echo pwn > d/new`,
  },
  {
    ...base,
    id: "write-through-old-symlink",
    technique: 3,
    title: "a link that was in the checkout before, written through",
    decisive: true,
    prepare: ({ work, out }) => symlinkSync(out, `${work}/old`),
    inside: () => "echo pwn > old/new; echo pwn > old/file",
  },
  {
    ...base,
    id: "write-through-hardlink",
    technique: 4,
    title: "a hard link to a file outside, written through",
    inside: ({ out }) => `ln "${out}/file" h && echo pwn > h`,
  },
  {
    ...base,
    id: "rename-out",
    technique: 2,
    title: "rename a file of the checkout to a place outside",
    inside: ({ out }) => `mv README.md "${out}/moved"`,
  },
];
