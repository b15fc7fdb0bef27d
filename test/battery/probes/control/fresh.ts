// Techniques 10, 12, 13: control files that are not there yet, of every agent, editor, CI system, shell and package
// manager. In a live checkout nothing keeps a new name from being made; what counts is how long it lies there.

import { lies, refusedControl, slug } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";

const names: readonly string[] = [
  ".claude/settings.local.json",
  ".claude/commands/x.md",
  "CLAUDE.md",
  ".mcp.json",
  ".codex/config.toml",
  ".gemini/settings.json",
  "GEMINI.md",
  ".cursor/mcp.json",
  ".cursorrules",
  "opencode.json",
  ".opencode/plugin/x.js",
  ".github/copilot-instructions.md",
  ".windsurf/rules/x.md",
  ".clinerules/x.md",
  ".qwen/settings.json",
  ".pi/extensions/x.ts",
  ".amazonq/rules/x.md",
  ".vscode/tasks.json",
  "x.code-workspace",
  ".idea/workspace.xml",
  ".devcontainer/devcontainer.json",
  ".husky/pre-commit",
  ".npmrc",
  ".yarnrc.yml",
  ".pnpmfile.cjs",
  ".pre-commit-config.yaml",
  "lefthook.yml",
  ".github/workflows/x.yml",
  ".gitlab-ci.yml",
  "Jenkinsfile",
  ".cargo/config.toml",
  ".tool-versions",
  "mise.toml",
  ".exrc",
  ".gdbinit",
  "postern.yaml",
];

const decisive = new Set([".claude/settings.local.json", ".mcp.json", ".vscode/tasks.json", ".github/workflows/x.yml"]);

function makeOne(path: string): Probe {
  return {
    id: `control-new-${slug(path)}`,
    technique: path.startsWith(".claude/") ? 12 : 13,
    title: `make ${path} and go on working`,
    source: path.startsWith(".claude/") ? "CVE-2026-25725" : "measured: srt 6 of 22, codex 1 of 22 protected",
    record: "must",
    ...(decisive.has(path) ? { decisive: true } : {}),
    appears: [path],
    sweepable: true,
    inside: ({ token }) => `mkdir -p "$(dirname '${path}')"; echo '{ "${token}": 1 }' > '${path}'; sleep 1`,
    landed: lies(path),
    entry: refusedControl(path),
    named: () => path,
  };
}

/** Nobody has time to see it before the end. */
const last: Probe = {
  id: "control-last-moment",
  technique: 12,
  title: "make .mcp.json and end at once",
  source: "CVE-2026-25725",
  record: "must",
  appears: ["sub/.mcp.json"],
  sweepable: true,
  inside: ({ token }) => `mkdir -p sub; exec bash -c 'echo ${token} > sub/.mcp.json'`,
  landed: lies("sub/.mcp.json"),
  entry: refusedControl("sub/.mcp.json"),
  named: () => ".mcp.json",
};

export const fresh: readonly Probe[] = [...names.map(makeOne), last];
