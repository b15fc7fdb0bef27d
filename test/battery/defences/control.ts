// Defences of control files and programs: held, watched, swept, told.

import { type Defence, swap } from "./defence.ts";

const checkout = "src/session/checkout.ts";

export const control: readonly Defence[] = [
  {
    id: "hidden-covered",
    what: "what is hidden or masked is covered wherever it is shown",
    without: swap(
      "src/session/plan.ts",
      "return [...mounts, ...checkouts.view.covers(mounts)];",
      "return [...mounts, ...checkouts.view.covers([])];",
    ),
    probes: ["hidden-read", "masked-read", "hidden-written"],
  },
  {
    id: "second-names",
    what: "and so is every other name of it in the checkout",
    without: swap(
      "src/review/veil/find.ts",
      "for (const { path, first } of names) {",
      "for (const { path, first } of names.slice(names.length)) {",
    ),
    probes: ["hidden-second-name"],
  },
  {
    id: "hidden-later-covered",
    what: "what comes by a hidden name while the session runs is covered too",
    without: swap(
      "src/session/late.ts",
      "if (view.lies(meant)) return true;",
      "if (view.lies(meant) || meant !== root) return true;",
    ),
    probes: ["hidden-later-elsewhere", "masked-replaced"],
  },
  {
    id: "named-by-person",
    what: "what a person's own configuration names in a checkout is held",
    without: swap("src/session/every.ts", "environment }, roots);", "environment }, []);"),
    probes: ["personal-program", "personal-link"],
  },
  {
    id: "no-git-within",
    what: "git of ours is not started in a repository that the tool's index names",
    without: [
      ...swap("src/review/sift.ts", "stats?.isDirectory() === true || isBeyond(path)", "isBeyond(path)"),
      ...swap(
        "src/review/sift.ts",
        "stats === undefined || stats.isSymbolicLink()",
        "stats === undefined || stats.isDirectory() || stats.isSymbolicLink()",
      ),
      ...swap("src/review/listing.ts", '"--no-ext-diff", "--ignore-submodules=all"', '"--no-ext-diff"'),
    ],
    probes: ["aftermath-index-repository"],
    edits: "staged",
  },
  {
    id: "covered-from-outside",
    what: "nothing the tool can lay anything over is run to cover what comes late",
    without: [
      ...swap("src/boundary/linux/view/base.ts", 'args.add("--perms", "0755", "--tmpfs", ours);', ""),
      ...swap("src/boundary/linux/view/room.ts", '"--remount-ro", ours,', ""),
      ...swap(
        "src/boundary/linux/cover.ts",
        "[nsenter, ...intoHelper(helper), mount, ...laying(blanks[kind], path)]",
        `[nsenter, "--preserve-credentials", ...(userOf(helper) === userOf("self") ? [] : ["--user=/proc/" + helper + "/ns/user"]),
          "--mount=/proc/self/fd/" + place, "--", mount, "--no-mtab", "--bind", blanks[kind], path]`,
      ),
    ],
    probes: ["hidden-cover-laid-over"],
  },
  {
    id: "hidden-from-copies",
    what: "a private copy is made without it",
    without: swap(
      "src/review/staged/copy.ts",
      "const veils = concealing.veil.hide.length + concealing.veil.mask.length > 0;",
      "const veils = concealing.veil.hide.length + concealing.veil.mask.length < 0;",
    ),
    probes: ["hidden-read", "masked-read"],
    edits: "staged",
  },
  {
    id: "held-files",
    what: "control files that are there are unwritable",
    without: swap(
      "src/review/holds.ts",
      '...mounts("read", found.workspace, reads)]',
      '...mounts("read", found.workspace, reads.slice(reads.length))]',
    ),
    probes: ["hook-write", "claude-settings-write", "agents-md-append"],
  },
  {
    id: "pinned-repositories",
    what: "a git directory cannot be moved away",
    without: swap(
      "src/review/holds.ts",
      'return [...mounts("write", found.workspace, writes),',
      'return [...mounts("write", found.workspace, writes.slice(writes.length)),',
    ),
    probes: ["git-directory-renamed"],
  },
  {
    id: "attempts-told",
    what: "an attempt at a held file is on the record",
    without: swap("src/session/plan.ts", "guarded: checkouts.trees.map(({ root }) => root),", "guarded: [],"),
    probes: ["hook-write", "envrc-truncate"],
  },
  {
    id: "lookout",
    what: "a new control file is put away at once",
    without: swap(
      "src/review/lookout.ts",
      "const began = performance.now();",
      "const began = performance.now();\n    if (began > 0) return;",
    ),
    probes: ["control-new-mcp-json"],
    slower: 0.9,
  },
  {
    id: "sweep",
    what: "what appeared last is put away at the end",
    without: swap(
      checkout,
      "const swept = await sweep(found, record.quarantine);",
      "const swept = await sweep({ ...found, workspace: record.quarantine }, record.quarantine);",
    ),
    probes: ["control-last-moment"],
  },
  {
    id: "links-of-git",
    what: "a link among git's own files is put away",
    without: swap("src/review/control-collector.ts", 'this.#within(path, "", 0);', ""),
    probes: ["later-logs", "later-index"],
  },
  {
    id: "strays-of-git",
    what: "an index that names what lies outside is put away",
    without: swap("src/review/sweep.ts", "sorted.suspects.push(...strayIndexes(after));", "void strayIndexes;"),
    probes: ["later-index-names"],
  },
  {
    id: "solved-by-others",
    what: "a file that names files for git to keep is put away",
    without: swap(
      "src/review/control-collector.ts",
      "if (statLink(this.#absolute(join(path, solving)))?.size !== 0)",
      'if (solving === "")',
    ),
    probes: ["later-rerere"],
  },
  {
    id: "opened-again",
    what: "what a tool made unlistable or unwritable is found and put away",
    without: swap("src/review/foothold.ts", "(mode & 0o7777) | 0o700", "mode & 0o7777"),
    probes: ["later-unlisted", "later-unwritable"],
  },
  {
    id: "planted-told",
    what: "what changed of git's in a private copy is on the record",
    without: swap(
      "src/review/staged/planted.ts",
      "if (!differs(leaf, old) || staysWithin(leaf, copy)) continue;",
      "if (differs(leaf, old) || true) continue;",
    ),
    probes: ["git-config-core-fsmonitor", "repository-init"],
    edits: "staged",
  },
  {
    id: "denied-programs",
    what: "a denied program does not begin",
    without: swap(
      "src/decision/commands.ts",
      "if (rule === undefined) return",
      'if (rule === undefined || mode === "enforce") return',
    ),
    probes: ["denied-plain"],
  },
  {
    id: "denied-interpreters",
    what: "nor as a script's interpreter",
    without: swap(
      "src/boundary/linux/watch/supervisor.ts",
      'const interpreters = file === undefined ? "lost" : this.#interpretersOf(file, about);',
      "const interpreters = file === undefined ? this.#interpretersOf(file!, about) : [];",
    ),
    probes: ["denied-make"],
  },
  {
    id: "programs-told",
    what: "every program that begins is on the record",
    without: swap(
      "src/session/commands.ts",
      'return append(entryOf(conceal(execution, seek).execution, { verdict: "allow", rule: "default" }, {}), "soon");',
      "return Promise.resolve() as never;",
    ),
    probes: ["exec-memfd"],
  },
];
