// The published agents the lane runs, each at a version seen to work, and how they come here: by npm, into a directory of
// the lane's own outside the repository, as `npm install --global` would lay them out. Nothing of this machine's own agents
// is read. What cannot be installed is an error, never a test less.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Published {
  readonly package: string;
  /** A lane that follows `latest` tries another thing each day. */
  readonly version: string;
  /** What a person types. */
  readonly program: string;
}

/** By the name of their profile. */
export const published = {
  pi: { package: "@mariozechner/pi-coding-agent", version: "0.73.1", program: "pi" },
  "claude-code": { package: "@anthropic-ai/claude-code", version: "2.1.328", program: "claude" },
  codex: { package: "@openai/codex", version: "0.169.0", program: "codex" },
  "gemini-cli": { package: "@google/gemini-cli", version: "0.61.0", program: "gemini" },
  opencode: { package: "opencode-ai", version: "1.18.33", program: "opencode" },
  "qwen-code": { package: "@qwen-code/qwen-code", version: "0.24.4", program: "qwen" },
  copilot: { package: "@github/copilot", version: "1.0.102", program: "copilot" },
  cline: { package: "cline", version: "3.0.65", program: "cline" },
} as const satisfies Readonly<Record<string, Published>>;

export type AgentName = keyof typeof published;

/** What else the lane is spent with. */
const others = {
  /** VS Code's own server, extension host and terminal; what it ships for Kerberos is compiled at install. */
  editor: { package: "code-server", version: "4.139.1", program: "code-server" },
  browser: { package: "playwright-core", version: "1.65.1", program: "playwright-core" },
  /** What Claude Code's extension starts its agent with; the agent itself is an optional dependency. */
  sdk: { package: "@anthropic-ai/claude-agent-sdk", version: "0.3.328", program: "" },
  containers: { package: "@devcontainers/cli", version: "0.89.0", program: "devcontainer" },
} as const satisfies Readonly<Record<string, Published>>;

/** Kept between runs, so that only the first one downloads. */
const cache = process.env["POSTERN_AGENTS"] ?? "/var/tmp/postern-agents";

/** Of the Node that runs this: the one the agents are run with too. */
export const nodeDirectory = dirname(process.execPath);

export interface Installed extends Published {
  /** As npm lays it out: `bin`, `lib/node_modules`. */
  readonly prefix: string;
}

export const install = (name: AgentName): Installed => bring(name, published[name]);
export const equip = (name: keyof typeof others): Installed => bring(name, others[name], ["--omit=optional"]);

function bring(name: string, wanted: Published, words: readonly string[] = []): Installed {
  const prefix = join(cache, `${name}-${wanted.version}`);
  const whole = join(prefix, "installed");
  if (!existsSync(whole)) {
    rmSync(prefix, { recursive: true, force: true });
    npm(["install", "--global", "--prefix", prefix, ...words, `${wanted.package}@${wanted.version}`]);
    writeFileSync(whole, "");
  }
  const said = JSON.parse(readFileSync(join(prefix, "lib/node_modules", wanted.package, "package.json"), "utf8")) as {
    readonly version: string;
  };
  if (said.version !== wanted.version) throw new Error(`${prefix} holds ${said.version}, not ${wanted.version}`);
  return { ...wanted, prefix };
}

/** Scripts of the packages run: some bring their program only so. */
export function npm(words: readonly string[]): void {
  const home = join(cache, "home");
  // ordinary users start what lies there
  mkdirSync(cache, { recursive: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const done = spawnSync("npm", [...words, "--no-audit", "--no-fund"], {
    encoding: "utf8",
    env: {
      // headers for what is compiled, which node-gyp would fetch elsewhere
      npm_config_nodedir: "/usr",
      ...ownEnvironment(),
      HOME: home,
      PATH: `${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
    },
    timeout: 900_000,
  });
  if (done.status !== 0) throw new Error(`npm ${words.join(" ")}: ${done.stderr || String(done.error)}`);
}

/** npm needs what this machine's npm needs: proxies, mirrors, certificates. */
function ownEnvironment(): Record<string, string> {
  const named = /^(?:npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i;
  const pairs = Object.entries(process.env).filter(([name]) => named.test(name));
  return Object.fromEntries(pairs.map(([name, value]) => [name, value ?? ""]));
}
