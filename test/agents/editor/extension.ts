// An extension that starts Claude Code as its vendor's own does, as far as that is known from outside: a copy of the agent in its
// own directory, started by the vendor's SDK with pipes, through the program that `claudeCode.claudeProcessWrapper` names, which gets that copy's
// path and its arguments (anthropics/claude-code#21565, #8510, #57421). What it was asked and told it writes to a file outside.

import { chmodSync, copyFileSync, linkSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const command = "Claude Code: Mend the tests";

const description = {
  name: "claude-code",
  publisher: "anthropic",
  version: "2.1.328",
  engines: { vscode: "^1.90.0" },
  main: "./extension.js",
  activationEvents: ["onCommand:claude-code.mend"],
  contributes: {
    commands: [{ command: "claude-code.mend", title: "Mend the tests", category: "Claude Code" }],
    configuration: {
      properties: { "claudeCode.claudeProcessWrapper": { type: "string", scope: "machine-overridable" } },
    },
  },
};

const code = (sdk: string, log: string, prompt: string): string => `
const { spawn } = require("node:child_process");
const { appendFileSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const note = (what) => appendFileSync(${JSON.stringify(log)}, JSON.stringify(what) + "\\n");

exports.activate = ({ subscriptions, extensionPath }) =>
  subscriptions.push(vscode.commands.registerCommand("claude-code.mend", () => mend(extensionPath).catch((error) => note({ failed: String(error) }))));

async function mend(extensionPath) {
  const { query } = await import(${JSON.stringify(sdk)});
  const wrapper = vscode.workspace.getConfiguration("claudeCode").get("claudeProcessWrapper");
  note({ begun: wrapper || "no wrapper" });
  const options = {
    cwd: vscode.workspace.workspaceFolders[0].uri.fsPath,
    pathToClaudeCodeExecutable: join(extensionPath, "resources/native-binary/claude"),
    env: { ...process.env, CLAUDE_CODE_ENTRYPOINT: "claude-vscode" },
    canUseTool: async (tool, input) => (note({ asked: tool }), { behavior: "allow", updatedInput: input }),
    stderr: (text) => note({ stderr: text }),
    spawnClaudeCodeProcess: ({ command, args, cwd, env, signal }) => {
      const [program, ...words] = wrapper ? [wrapper, command, ...args] : [command, ...args];
      return spawn(program, words, { cwd, env, signal, stdio: ["pipe", "pipe", "inherit"] });
    },
  };
  const said = (async function* () {
    yield { type: "user", message: { role: "user", content: ${JSON.stringify(prompt)} }, parent_tool_use_id: null, session_id: "" };
    await new Promise((resolve) => (said.end = resolve));
  })();
  for await (const message of query({ prompt: said, options })) {
    note({ message: message.type, subtype: message.subtype });
    if (message.type === "result") said.end();
  }
  note({ ended: true });
}
`;

export interface Extension {
  /** Of VS Code's extensions. */
  readonly directory: string;
  readonly agent: string;
  /** The SDK's directory. */
  readonly sdk: string;
  readonly log: string;
  readonly prompt: string;
}

/** The agent's copy in it. */
export function layExtension({ directory, agent, sdk, log, prompt }: Extension): string {
  const place = join(directory, `${description.publisher}.${description.name}-${description.version}-linux-x64`);
  const copy = join(place, "resources/native-binary/claude");
  mkdirSync(join(place, "resources/native-binary"), { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify(description));
  writeFileSync(join(place, "extension.js"), code(join(sdk, "sdk.mjs"), log, prompt));
  try {
    linkSync(realpathSync(agent), copy);
  } catch {
    copyFileSync(realpathSync(agent), copy);
  }
  chmodSync(copy, 0o755);
  return copy;
}
