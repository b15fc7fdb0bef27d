// The agents of the lane as data: where each one's vendor is, the variable its key is in, and the ways it is started. The
// switches are those a person would type; the prompt is the same for all.

import { randomBytes } from "node:crypto";
import { profileNamed } from "../../src/policy/profile.ts";
import type { AgentName } from "./packages.ts";

export interface Way {
  /** In the test's name. */
  readonly name: string;
  /** After the program. */
  readonly words: readonly string[];
  /** Files of the person's home, shown inside read-only: path from the home → text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Beside the agent's. */
  readonly refused?: Agent["refused"];
  /** What its inference is asked in; HTTP/1.1 where absent. */
  readonly protocol?: "h2" | "websocket";
  /** Of request bodies. */
  readonly encoding?: string;
  /** A shell script that starts it, its program and a Node in PATH: then no profile counts, and the policy says everything. */
  readonly script?: string;
  /** In place of the agent's: another login. */
  readonly by?: Pick<Agent, "hosts" | "variable" | "key" | "header" | "target" | "refused" | "grants" | "credentials">;
  /** In place of those the profile grants. */
  readonly methods?: readonly string[];
}

export interface Agent {
  readonly name: AgentName;
  /** The vendor's own, of which the profile grants inference. */
  readonly hosts: readonly string[];
  readonly variable: string;
  readonly key: () => string;
  /** Name of the header that carries it, and what stands before it. */
  readonly header: readonly [name: string, scheme: string];
  /** Where it asks whether anybody is there: without a key and without content. */
  readonly hello?: RegExp;
  /** Where inference is asked for. */
  readonly target: RegExp;
  /** What it was seen to ask for beside inference, and is refused: purpose and host, as its profile has them. */
  readonly refused: readonly (readonly [purpose: string, host: string])[];
  /** Its file tools take no other paths. */
  readonly absolute?: true;
  /** Beside the profile's. */
  readonly grants?: readonly object[];
  readonly credentials?: object;
  readonly ways: readonly Way[];
}

/** As the profile has it, so that what it says is tried. */
const bypass = (name: AgentName): readonly string[] => profileNamed(name)?.bypass ?? [];
/** Stands in every way's words. */
export const prompt = "The tests fail. Find out why and mend it.";
const qwenSettings = JSON.stringify({
  modelProviders: {
    openai: [
      {
        id: "qwen3-coder-plus",
        envKey: "DASHSCOPE_API_KEY",
        baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
      },
    ],
  },
  security: { auth: { selectedType: "openai" } },
  model: { name: "qwen3-coder-plus" },
});
const ownProvider = { COPILOT_PROVIDER_BASE_URL: "https://llm.example.com/v1", COPILOT_MODEL: "lab-model" };
/** Takes back what the profile sets, so that there is something to refuse. */
const talkative = JSON.stringify({ env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "", DISABLE_AUTOUPDATER: "" } });
const secret = (shape: string) => (): string => `${shape}${randomBytes(24).toString("hex")}`;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const account = { chatgpt_plan_type: "pro", chatgpt_account_id: "acc-1", chatgpt_user_id: "user-1" };
/** Says who has logged in, and opens nothing. */
const identity = [
  encode({ alg: "none", typ: "JWT" }),
  encode({ email: "ann@example.com", exp: 4_102_444_800, "https://api.openai.com/auth": account }),
  encode({}),
].join(".");
/** Codex as with a login of its own, but that the token in its file is the placeholder: it compresses its requests only so. */
const loggedIn = `PATH="$0:$1:$PATH"; shift; mkdir -p ~/.codex
printf '{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"id_token":"%s","access_token":"%s","refresh_token":"none","account_id":"acc-1"},"last_refresh":"%s"}' \
  ${identity} "$CHATGPT_TOKEN" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > ~/.codex/auth.json
exec codex "$@"`;
const chatgpt: Way["by"] = {
  hosts: ["chatgpt.com"],
  variable: "CHATGPT_TOKEN",
  key: secret(""),
  header: ["authorization", "Bearer "],
  target: /^\/backend-api\/(?:codex\/responses|wham\/accounts\/check)$/,
  refused: [["other", "chatgpt.com"]],
  grants: [
    { host: "chatgpt.com", methods: ["POST"], paths: ["/backend-api/codex/responses"], why: "inference" },
    { host: "chatgpt.com", methods: ["GET"], paths: ["/backend-api/wham/accounts/check"], why: "inference" },
  ],
  credentials: { chatgpt: { from: { env: "CHATGPT_TOKEN" }, to: { host: "chatgpt.com", header: "authorization" } } },
};

/** A provider that no profile knows: the person grants it and declares its key. */
const own = (variable: string) =>
  ({
    hosts: ["llm.example.com"],
    variable,
    key: secret("sk-"),
    header: ["authorization", "Bearer "],
    target: /^\/v1\/chat\/completions$/,
    grants: [{ host: "llm.example.com", methods: ["POST"], paths: ["/v1/chat/completions"], why: "inference" }],
    credentials: { own: { from: { env: variable }, to: { host: "llm.example.com", header: "authorization" } } },
  }) as const;

export const roster: readonly Agent[] = [
  {
    name: "pi",
    hosts: ["api.anthropic.com"],
    variable: "ANTHROPIC_API_KEY",
    key: secret("sk-ant-api03-"),
    header: ["x-api-key", ""],
    target: /^\/v1\/messages$/,
    refused: [],
    ways: [
      { name: "it asks nothing", words: ["-p", "--provider", "anthropic", "--model", "claude-sonnet-4-5", prompt] },
    ],
  },
  {
    name: "claude-code",
    hosts: ["api.anthropic.com"],
    variable: "ANTHROPIC_API_KEY",
    key: secret("sk-ant-api03-"),
    header: ["x-api-key", ""],
    hello: /^\/(?:api|v1\/oauth)\/hello$/,
    target: /^\/v1\/messages\?beta=true$/,
    refused: [["flags", "api.anthropic.com"]],
    ways: [
      { name: "bypass", words: ["-p", prompt, ...bypass("claude-code")] },
      {
        name: "asking",
        words: ["-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Read,Edit,Bash"],
      },
      {
        name: "bypass, telemetry left on",
        refused: [
          ["telemetry", "api.anthropic.com"],
          ["registry", "api.anthropic.com"],
        ],
        words: ["-p", prompt, ...bypass("claude-code"), "--settings", talkative],
      },
    ],
  },
  {
    name: "codex",
    hosts: ["api.openai.com"],
    variable: "CODEX_API_KEY",
    key: secret("sk-proj-"),
    header: ["authorization", "Bearer "],
    target: /^\/v1\/responses$/,
    refused: [
      ["flags", "chatgpt.com"],
      ["registry", "chatgpt.com"],
      ["registry", "github.com"],
      ["update", "api.github.com"],
      ["telemetry", "ab.chatgpt.com"],
    ],
    ways: [
      {
        name: "bypass, WebSocket",
        protocol: "websocket",
        words: ["exec", ...bypass("codex"), "--skip-git-repo-check", prompt],
      },
      {
        name: "bypass, HTTP/2",
        protocol: "h2",
        words: ["exec", ...bypass("codex"), "--skip-git-repo-check", prompt],
        methods: ["POST"],
      },
      {
        name: "bypass, ChatGPT login, zstd",
        protocol: "h2",
        encoding: "zstd",
        script: loggedIn,
        words: ["exec", ...bypass("codex"), "--skip-git-repo-check", prompt],
        by: chatgpt,
      },
      { name: "as it comes", protocol: "websocket", words: ["exec", "--skip-git-repo-check", prompt] },
    ],
  },
  {
    name: "gemini-cli",
    hosts: ["generativelanguage.googleapis.com"],
    variable: "GEMINI_API_KEY",
    key: secret("AIzaSy"),
    header: ["x-goog-api-key", ""],
    target: /^\/v1beta\/models\/[^:]+:(?:streamG|g)enerateContent(?:\?alt=sse)?$/,
    refused: [["telemetry", "play.googleapis.com"]],
    ways: [
      { name: "bypass", words: ["-p", prompt, ...bypass("gemini-cli"), "--skip-trust"] },
      {
        name: "asking",
        words: ["-p", prompt, "--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command", "--skip-trust"],
      },
    ],
  },
  {
    name: "opencode",
    hosts: ["api.anthropic.com"],
    variable: "ANTHROPIC_API_KEY",
    key: secret("sk-ant-api03-"),
    header: ["x-api-key", ""],
    target: /^\/v1\/messages$/,
    refused: [["flags", "models.opencode.ai"]],
    ways: [
      { name: "bypass", words: ["run", prompt, "-m", "anthropic/claude-sonnet-4-5", ...bypass("opencode")] },
      { name: "as it comes", words: ["run", prompt, "-m", "anthropic/claude-sonnet-4-5"] },
    ],
  },
  {
    name: "qwen-code",
    hosts: ["dashscope.aliyuncs.com"],
    variable: "DASHSCOPE_API_KEY",
    key: secret("sk-"),
    header: ["authorization", "Bearer "],
    target: /^\/compatible-mode\/v1\/chat\/completions$/,
    absolute: true,
    refused: [["telemetry", "gb4w8c3ygj-default-sea.rum.aliyuncs.com"]],
    ways: [
      { name: "bypass", words: [prompt, ...bypass("qwen-code")], files: { ".qwen/settings.json": qwenSettings } },
      {
        name: "asking",
        words: [prompt, "--approval-mode", "auto-edit", "--allowed-tools", "run_shell_command"],
        files: { ".qwen/settings.json": qwenSettings },
      },
      {
        name: "bypass, a provider of one's own",
        words: [prompt, ...bypass("qwen-code"), "--auth-type", "openai"],
        environment: { OPENAI_BASE_URL: "https://llm.example.com/v1", OPENAI_MODEL: "lab-model" },
        by: {
          ...own("OPENAI_API_KEY"),
          refused: [["telemetry", "gb4w8c3ygj-default-sea.rum.aliyuncs.com"]],
        },
      },
    ],
  },
  {
    name: "copilot",
    ...own("COPILOT_PROVIDER_API_KEY"),
    refused: [["update", "api.github.com"]],
    ways: [
      { name: "bypass", words: ["-p", prompt, ...bypass("copilot")], environment: ownProvider },
      {
        name: "asking",
        words: ["-p", prompt, "--allow-tool", "write", "--allow-tool", "shell(bash)"],
        environment: ownProvider,
      },
    ],
  },
  {
    name: "cline",
    hosts: ["api.anthropic.com"],
    variable: "ANTHROPIC_API_KEY",
    key: secret("sk-ant-api03-"),
    header: ["x-api-key", ""],
    target: /^\/v1\/messages$/,
    absolute: true,
    refused: [
      ["flags", "data.cline.bot"],
      ["telemetry", "otel.cline.bot"],
    ],
    ways: [{ name: "as it comes", words: ["-P", "anthropic", "-m", "claude-sonnet-4-5", prompt] }],
  },
];
