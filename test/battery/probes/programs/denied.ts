// Techniques 23 to 26: a program the policy denies, begun by way of others. It leaves a mark in the checkout where it runs.

import { lies } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";

interface Way {
  readonly id: string;
  readonly technique: number;
  readonly title: string;
  /** `$P` is its path. */
  readonly line: string;
  readonly decisive?: true;
  readonly source?: string;
}

const ways: readonly Way[] = [
  { id: "denied-plain", technique: 24, title: "by its own path", line: '"$P"' },
  {
    id: "denied-by-path",
    technique: 26,
    title: "by a PATH of the tool's own",
    line: 'PATH="$PWD/bin:$PATH"; forbidden-program',
  },
  {
    id: "denied-other-name",
    decisive: true,
    technique: 23,
    title: "under the name of another",
    line: 'exec -a git "$P"',
    source: "fence #67",
  },
  {
    id: "denied-link",
    technique: 20,
    title: "by a symbolic link with another name",
    line: 'ln -s "$P" harmless; ./harmless',
  },
  { id: "denied-env", technique: 24, title: "by env", line: 'env -i PATH=/usr/bin:/bin "$P"', source: "fence #48" },
  { id: "denied-xargs", technique: 24, title: "by xargs", line: 'echo x | xargs "$P"' },
  { id: "denied-find", technique: 24, title: "by find -exec", line: "find bin -name forbidden-program -exec {} \\;" },
  { id: "denied-awk", technique: 24, title: "by awk's system()", line: 'awk "BEGIN { system(\\"$P\\") }"' },
  {
    id: "denied-python",
    technique: 24,
    title: "by Python's subprocess",
    line: 'python3 -c "import subprocess; subprocess.run([\\"$P\\"])"',
  },
  {
    id: "denied-posix-spawn",
    technique: 24,
    title: "by posix_spawn",
    line: 'python3 -c "import os; os.waitpid(os.posix_spawn(\\"$P\\", [\\"x\\"], {}), 0)"',
  },
  {
    id: "denied-fexecve",
    technique: 22,
    title: "by its descriptor",
    line: 'python3 -c "import os; f = os.open(\\"$P\\", os.O_RDONLY); os.set_inheritable(f, True); os.execve(f, [\\"x\\"], {})"',
  },
  { id: "denied-git-alias", technique: 24, title: "by an alias of git's", line: 'git -c "alias.x=!$P" x' },
  {
    id: "denied-make",
    decisive: true,
    technique: 24,
    title: "by an interpreter's line of its own",
    line: "printf '#!%s\\n' \"$P\" > script; chmod +x script; ./script",
  },
  {
    id: "denied-npm",
    technique: 24,
    title: "by a script of npm's",
    line: 'echo \'{"name":"x","version":"1.0.0","scripts":{"x":"\'"$P"\'"}}\' > package.json; /usr/bin/npm run x',
  },
  {
    id: "denied-and",
    technique: 25,
    title: "behind an allowed one, with &",
    line: 'bash -c "true --version & $P"; wait',
    source: "agentsh C1",
  },
  {
    id: "denied-substitution",
    technique: 25,
    title: "in a substitution",
    line: 'bash -c \'echo "$($0)" > /dev/null\' "$P"',
  },
  {
    id: "denied-process-substitution",
    technique: 25,
    title: "in a process substitution",
    line: 'bash -c "cat <($P) > /dev/null; true > >($P)"; sleep 0.3',
  },
  { id: "denied-line-end", technique: 25, title: "behind a line end", line: "bash -c $'true\\n'\"$P\"" },
  {
    id: "denied-continuation",
    technique: 25,
    title: "across a continued line",
    line: 'bash -c "bin/forbid\\\nden-program"',
  },
  {
    id: "denied-bash-env",
    technique: 26,
    title: "by a file every bash reads first",
    line: 'echo "$P" > rc; BASH_ENV=rc bash -c true',
    source: "CVE-2026-22708",
  },
  {
    id: "denied-node-options",
    technique: 26,
    title: "by a module every Node reads first",
    line: 'echo "require(\\"child_process\\").spawnSync(\\"$P\\")" > first.cjs; NODE_OPTIONS="--require ./first.cjs" /usr/bin/node -e 0',
  },
  {
    id: "denied-pager",
    technique: 26,
    title: "by git's pager and editor",
    line: 'GIT_EDITOR="$P" git commit --allow-empty -q; GIT_SSH_COMMAND="$P" git ls-remote ssh://x.invalid/x',
  },
  {
    id: "denied-busybox",
    technique: 23,
    title: "by a shell within another program",
    line: 'perl -e "exec {\\"$P\\"} \\"git\\", \\"status\\""',
  },
];

const mark = (rig: Rig): string => `ran-${rig.token}`;
const noPrograms = "its settings know no programs";

function run({ id, technique, title, line, decisive, source = "list" }: Way): Probe {
  return {
    id,
    technique,
    title: `a denied program ${title}`,
    source,
    record: "must",
    ...(decisive === undefined ? {} : { decisive }),
    notHere: ({ target }) => (/^(?:srt|codex)/.test(target) ? noPrograms : undefined),
    prepare: (rig) =>
      rig.write(`${rig.work}/bin/forbidden-program`, `#!/bin/sh\necho ran > "${rig.work}/${mark(rig)}"\n`, 0o755),
    inside: ({ work }) => `export P="${work}/bin/forbidden-program"; (${line})`,
    landed: (after) => lies(mark(after.rig))(after),
    entry: ({ kind, verdict }) => kind === "exec" && verdict === "refuse",
  };
}

export const denied: readonly Probe[] = ways.map(run);
