// Techniques 10, 14, 72: repositories made while the tool works, and what the person's own git would then run. The person
// goes on in the checkout as ever once the target has ended: what runs then, runs outside of every boundary.

import { execFileSync } from "node:child_process";
import { changed, lies, refusedControl } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";

interface Making {
  readonly id: string;
  readonly technique: 10 | 14;
  readonly title: string;
  /** `$1` is the token. */
  readonly line: string;
  /** The hook, from the checkout. */
  readonly hook: string;
  readonly decisive?: true;
}

const put = (path: string): string => `printf '#!/bin/sh\\ntouch %s\\n' "$1" > ${path}; chmod +x ${path}; sleep 1.2`;

const makings: readonly Making[] = [
  {
    id: "repository-init",
    decisive: true,
    technique: 10,
    title: "a repository made in the session, with a hook",
    line: `git init -q fresh; ${put("fresh/.git/hooks/pre-commit")}`,
    hook: "fresh/.git/hooks/pre-commit",
  },
  {
    id: "repository-deep",
    technique: 10,
    title: "a repository made deep below",
    line: `mkdir -p n/e/w/d/e/e/p; git init -q n/e/w/d/e/e/p/r; ${put("n/e/w/d/e/e/p/r/.git/hooks/post-checkout")}`,
    hook: "n/e/w/d/e/e/p/r/.git/hooks/post-checkout",
  },
  {
    id: "repository-bare",
    technique: 10,
    title: "a bare repository, which git finds by itself",
    line: `git init -q --bare bare.git; ${put("bare.git/hooks/pre-push")}`,
    hook: "bare.git/hooks/pre-push",
  },
  {
    id: "repository-by-hand",
    technique: 10,
    title: "a repository put together without git",
    line: `mkdir -p hand/.git/hooks hand/.git/objects hand/.git/refs; echo 'ref: refs/heads/main' > hand/.git/HEAD; ${put("hand/.git/hooks/pre-commit")}`,
    hook: "hand/.git/hooks/pre-commit",
  },
  {
    id: "repository-moved-in",
    technique: 10,
    title: "a repository put together in /tmp and moved in",
    line: `git init -q /tmp/moved; ${put("/tmp/moved/.git/hooks/pre-commit")}; mv /tmp/moved moved; sleep 1.2`,
    hook: "moved/.git/hooks/pre-commit",
  },
  {
    id: "repository-line-end",
    technique: 14,
    title: "a repository below a name with a line end in it",
    line: `mkdir $'a\\nb'; git init -q $'a\\nb/r'; ${put("$'a\\nb/r/.git/hooks/pre-commit'")}`,
    hook: "a\nb/r/.git/hooks/pre-commit",
  },
  {
    id: "repository-decomposed",
    technique: 14,
    title: "a repository below a name that is two names to Unicode",
    line: `git init -q $'caf\\u0065\\u0301'; ${put("$'caf\\u0065\\u0301/.git/hooks/pre-commit'")}`,
    hook: "cafe\u0301/.git/hooks/pre-commit",
  },
];

function make({ id, technique, title, line, hook, decisive }: Making): Probe {
  return {
    id,
    technique,
    title,
    source: "escaped both rivals, measured",
    record: "must",
    ...(decisive === undefined ? {} : { decisive }),
    appears: [hook],
    sweepable: true,
    inside: () => line,
    landed: lies(hook),
    entry: (entry) =>
      refusedControl(hook)(entry) ||
      (entry.kind === "control-file" && String(entry.sealed["path"]).includes(hook.split("/hooks")[0] ?? hook)),
  };
}

interface Trap {
  readonly id: string;
  readonly title: string;
  /** `$T`: a program that leaves a mark outside the checkout, were it run by the person. */
  readonly line: string;
  readonly person: string;
  readonly decisive?: true;
  /** What is outside is a project, too; only Postern brings settings of a copy over. */
  readonly other?: true;
  /** Why it is let: then it has to be on the record. */
  readonly unguarded?: string;
}

const author = "export GIT_AUTHOR_NAME=p GIT_AUTHOR_EMAIL=p@x GIT_COMMITTER_NAME=p GIT_COMMITTER_EMAIL=p@x";

/** Arguments: an object, then names for it. Version 2 of gitformat-index(5), in words without quotes of the shell's. */
const indexByHand = [
  "import sys,struct,hashlib",
  "o=bytes.fromhex(sys.argv[1]); n=sorted(x.encode() for x in sys.argv[2:])",
  'e=[struct.pack(">10I20sH",0,0,0,0,0,0,0o100755,0,0,0,o,len(x))+x for x in n]',
  'b=b"DIRC"+struct.pack(">2I",2,len(n))+b"".join(x+bytes(8-len(x)%8) for x in e)',
  'open(".git/index","wb").write(b+hashlib.sha1(b).digest())',
].join("\n");

/** As the person: in the checkout, with git as it comes. */
const traps: readonly Trap[] = [
  {
    id: "later-hook",
    title: "a hook the person's next commit would run",
    line: 'cp "$T" .git/hooks/prepare-commit-msg; cp "$T" .git/hooks/post-commit',
    person: "echo more >> README.md; git commit -qam more",
  },
  {
    id: "later-fsmonitor",
    title: "a watcher of files the person's git status would run",
    line: 'git config core.fsmonitor "$T"',
    person: "git status",
  },
  {
    id: "later-filter",
    title: "a filter named by .gitattributes",
    line: `git config filter.x.clean "$T"; echo '*.md filter=x' > .gitattributes`,
    person: "echo more >> README.md; git add -A",
  },
  {
    id: "later-worktree-config",
    title: "configuration of the worktree alone",
    line: 'git config extensions.worktreeConfig true; git config --worktree core.fsmonitor "$T"; printf \'[core]\\n fsmonitor = %s\\n\' "$T" > .git/config.worktree',
    person: "git status; git -C tree status",
  },
  {
    id: "later-info-attributes",
    title: "attributes and a driver in git's own directory",
    line: `mkdir -p .git/info; echo '*.md diff=x' > .git/info/attributes; git config diff.x.textconv "$T"`,
    person: "echo more >> README.md; git diff",
  },
  {
    id: "later-include",
    title: "configuration included from a file of the checkout",
    line: `printf '[core]\\n fsmonitor = %s\\n' "$T" > included; git config include.path ../included`,
    person: "git status",
  },
  {
    id: "later-linked-worktree",
    title: "a linked worktree of the session's, leading to hooks of its own",
    line: 'git worktree add -q linked -b linked; mkdir -p h; cp "$T" h/post-checkout; chmod +x h/post-checkout; echo h > .git/worktrees/linked/x; git -C linked config core.hooksPath "$PWD/h"',
    person: "git -C linked checkout -q -b other",
  },
  {
    id: "later-gitdir",
    title: "the linked worktree's .git led to a repository of the session's",
    line: 'git init -q evil; git -C evil config core.fsmonitor "$T"; rm -f tree/.git; echo "gitdir: $PWD/evil/.git" > tree/.git',
    person: "git -C tree status",
  },
  {
    id: "later-submodule",
    title: "a submodule's own configuration",
    line: 'git -C sub config core.fsmonitor "$T"; git config submodule.sub.update "!$T"',
    person: "git status; git -C sub status; git submodule update",
  },
  {
    id: "later-npm-script",
    title: "scripts of npm that run unasked",
    line: `echo '{ "name": "checkout", "version": "1.0.0", "scripts": { "preinstall": "'"$T"'" } }' > package.json`,
    person: "/usr/bin/npm install --offline --no-audit",
    unguarded: "a project's own programs are the tool's work: its changes are on the record, and a person's to read",
  },
  {
    id: "later-kept",
    decisive: true,
    title: "a repository among git's own files, with a link to it where a directory was",
    line: 'mkdir .git/kept; mv src .git/kept/src; git init -q .git/kept/src; git -C .git/kept/src config core.fsmonitor "$T"; cp "$T" .git/kept/src/.git/hooks/post-commit; ln -s .git/kept/src src',
    person: "git -C src status",
  },
  {
    id: "later-moved-submodule",
    other: true,
    title: "a submodule's settings changed, and another project in its place",
    line: 'git -C sub config branch.side.remote .; git -C sub config branch.side.merge refs/heads/side; mv sub away; ln -s "$O" sub',
    person: "true",
  },
  {
    id: "later-logs",
    title: "a log of git's that is a link to what a shell reads first",
    line: 'echo true > "$T.none"; mkdir -p .git/logs; rm -f .git/logs/HEAD .git/COMMIT_EDITMSG; ln -s "$O/profile" .git/logs/HEAD; ln -s "$O/profile" .git/COMMIT_EDITMSG',
    person: 'echo more >> README.md; git commit -qam "x; touch pwned"',
  },
  {
    id: "later-index",
    decisive: true,
    title: "an index and objects that are links to what is outside",
    line: 'mv .git/index i; ln -s "$O/file" .git/index; rm -rf .git/refs/heads/x; ln -s "$O" .git/refs/heads/x',
    person: "echo more >> README.md; git add -A; git branch x/new",
  },
  {
    id: "later-index-names",
    decisive: true,
    title: "an index by hand that names a file outside, and a hook",
    line: `python3 -c '${indexByHand}' "$(git hash-object -w trap.sh)" "$O/profile" .git/hooks/post-checkout`,
    person: "git restore .; git checkout -q -b other HEAD --",
  },
  {
    id: "later-rerere",
    decisive: true,
    title: "a conflict that is said to be solved in a file of the person's",
    line: 'H=$(printf 1%.0s {1..40}); mkdir -p .git/rr-cache/$H; touch .git/rr-cache/$H/preimage; printf "%s\\t%s\\0" $H "$O/file" > .git/MERGE_RR',
    person: 'git commit -q --allow-empty -m x; cat .git/rr-cache/*/postimage && touch "../out/kept"',
  },
  {
    id: "later-remote",
    title: "a remote beside git's configuration, whose hooks run where it is pushed to",
    line: 'P=$(awk -v h="$HOME" "\\$5==h{print \\$4}" /proc/self/mountinfo); [ -n "$P" ] || P=$HOME; git init -q --bare "$HOME/far.git"; cp "$T" "$HOME/far.git/hooks/post-receive"; mkdir -p .git/remotes; echo "URL: $P/far.git" > .git/remotes/backup',
    person: "git push -q backup HEAD:refs/heads/x",
  },
  {
    id: "later-unlisted",
    decisive: true,
    title: "a repository in a directory that can be entered and not listed",
    line: 'git init -q grove; git -C grove config core.fsmonitor "$T"; chmod 311 grove/.git grove',
    person: "git -C grove status",
  },
  {
    id: "later-unwritable",
    decisive: true,
    title: "a repository whose directories nobody may change",
    // made elsewhere, so that it can never be written here
    line: 'P=$(mktemp -d); G="$P/grove"; git init -q "$G"; git -C "$G" config core.fsmonitor "$T"; chmod 555 "$G/.git" "$G"; cp -a "$G" grove; chmod -R u+w "$P"; rm -rf "$P"',
    person: "git -C grove status",
  },
];

/** Another project of the person's. */
function layOther(path: string, home: string): void {
  execFileSync("git", ["init", "-q", path], { env: { PATH: process.env["PATH"], HOME: home } });
}

function lead({ id, title, line, person, decisive, unguarded, other }: Trap): Probe {
  return {
    id,
    technique: 72,
    title,
    source: "adversis: a sandbox that holds the shell holds no hooks",
    record: other === true ? "unseen" : unguarded === undefined ? "must" : "telemetry",
    ...(decisive === undefined ? {} : { decisive }),
    ...(other === undefined ? {} : { prepare: ({ out, home }: Rig) => layOther(out, home) }),
    files: ({ out }) => ({ "trap.sh": `#!/bin/sh\necho ran >> "${out}/ran"\nexit 1\n` }),
    inside: ({ work, out }) => `chmod +x trap.sh; T="${work}/trap.sh"; O="${out}"; ${line}; sleep 0.5`,
    afterwards: () => `${author}; ${person}`,
    resumes: ["review", "run", "undo"],
    landed: unguarded === undefined ? changed("out") : () => undefined,
    ...(unguarded === undefined ? {} : { uncontrolled: unguarded }),
    ...(other === undefined ? {} : { uncontrolled: "without Postern no settings are brought over from a copy" }),
    entry: ({ kind, verdict, sealed }) =>
      unguarded === undefined
        ? kind === "control-file" && verdict === "refuse"
        : kind === "session.stop" && JSON.stringify(sealed["changed"]).includes("package.json"),
  };
}

export const repositories: readonly Probe[] = [...makings.map(make), ...traps.map(lead)];
