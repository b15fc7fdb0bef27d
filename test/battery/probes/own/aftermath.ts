// Technique 72 against Postern itself: what a session leaves in a checkout, and what Postern then does there outside — the next
// session's start, the list of what changed, its landing, taking it back. Its own git reads what a tool made.

import { changed } from "../../oracles.ts";
import type { Place, Probe, Resumption } from "../../probe.ts";

const all: readonly Resumption[] = ["review", "run", "run", "land", "undo"];

interface Trap {
  readonly id: string;
  readonly title: string;
  /** `$T` runs a program of the tool's where it is run outside. */
  readonly line: string;
  readonly decisive?: true;
}

/** A repository whose filter runs for whoever asks git how its files stand; its configuration is nobody's who was there before. */
const filtering = (at: string): string =>
  `mkdir -p ${at} && git -C ${at} init -q && echo f > ${at}/f && git -C ${at} add f && git -C ${at} commit -qm x
touch -d 2033-05-18 ${at}/f; git -C ${at} config filter.x.clean "$T"; echo '* filter=x' > ${at}/.git/info/attributes`;

const traps: readonly Trap[] = [
  {
    id: "aftermath-index-repository",
    decisive: true,
    title: "a repository that the tool's own index names as a file",
    line: `${filtering("grove")}; git update-index --add --cacheinfo "100644,$(git hash-object -w README.md),grove"; echo grove >> .gitignore`,
  },
  {
    id: "aftermath-gitlink",
    title: "a submodule nobody declared, with a filter",
    line: `${filtering("grove")}; git update-index --add --cacheinfo "160000,$(git -C grove rev-parse HEAD),grove"`,
  },
  {
    id: "aftermath-git-file",
    title: "a .git file with bytes after the place that git reads and others cut off",
    line: `${filtering("grove")}; mv grove/.git 'real '; git init -q real; printf 'gitdir: ../real ' > grove/.git; git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),grove"`,
  },
  {
    id: "aftermath-common",
    title: "a git directory whose common one lies behind a link and `..`",
    line: `${filtering("grove")}; mkdir -p own keep/deep; mv grove/.git keep/real; ln -s keep/deep link; cp keep/real/HEAD own/HEAD; printf '../link/../real\\n' > own/commondir; echo "gitdir: ../own" > grove/.git`,
  },
  {
    id: "aftermath-objects",
    title: "objects and references that lead out of the repository",
    line: 'echo "$O" > .git/objects/info/alternates; ln -s "$O/file" .git/refs/heads/out; ln -s "$O" .git/refs/tags/dir; echo more >> README.md',
  },
  {
    id: "aftermath-hooks-path",
    title: "settings of git by way of what is read beside its configuration",
    line: 'mkdir -p hk; cp trap.sh hk/pre-commit; cp trap.sh hk/post-checkout; git config core.hooksPath hk; git config core.fsmonitor "$T"; git config extensions.worktreeConfig true; printf "[core]\\n fsmonitor = %s\\n" "$T" > .git/config.worktree; echo more >> README.md',
  },
  {
    id: "aftermath-names",
    title: "names that are options, line ends, or no UTF-8",
    line: `touch -- --upload-pack=x -c '--exec=trap.sh' $'a\\nb'; mkdir -p -- $'\\xff/g'; git init -q --bare -- $'\\xff/g/h'; git -C $'\\xff/g/h' config core.fsmonitor "$T"; echo more >> README.md`,
  },
];

const rivals = ({ target }: Place): string | undefined =>
  target.startsWith("postern") || target === "none"
    ? undefined
    : "it has no commands of its own that go on in a checkout";

export const aftermath: readonly Probe[] = traps.map(
  ({ id, title, line, decisive }): Probe => ({
    id,
    technique: 72,
    title,
    source: "own",
    record: "unseen",
    ...(decisive === undefined ? {} : { decisive }),
    files: ({ out }) => ({ "trap.sh": `#!/bin/sh\necho ran >> "${out}/ran"\ncat\n` }),
    inside: ({ work, out }) =>
      `export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t; chmod +x trap.sh; T="sh ${work}/trap.sh"; O="${out}"
${line}`,
    resumes: all,
    landed: changed("out", "home"),
    uncontrolled: "no Postern goes on there",
    notHere: rivals,
  }),
);
