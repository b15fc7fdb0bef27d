// The real pi plays the demo's session against the scripted vendor, without any boundary of ours, in an empty network
// namespace. Needs unprivileged user namespaces and `ip`; asserts on what the vendor received and on the files.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { demo } from "../../src/vendor/demo.ts";
import type { Played, Stage } from "./vendor-pi-stage.ts";

const pi = new URL("../../node_modules/@mariozechner/pi-coding-agent/dist/cli.js", import.meta.url).pathname;
const stageFile = new URL("./vendor-pi-stage.ts", import.meta.url).pathname;
const possible = spawnSync("unshare", ["-Urnm", "ip", "link", "set", "lo", "up"]).status === 0;
const skip = possible ? false : "no unprivileged user namespaces here, or no `ip`";

/** In a private mount namespace the provider's name stands in /etc/hosts for loopback. */
const enter = 'mount --bind "$1" /etc/hosts && ip link set lo up && shift && exec "$@"';

function play(api: string, options: { tls?: boolean; key?: string } = {}): Played & { directory: string } {
  const directory = mkdtempSync(join(tmpdir(), "vendor-pi-"));
  for (const [path, text] of Object.entries(demo.files)) {
    mkdirSync(join(directory, "work"), { recursive: true });
    writeFileSync(join(directory, "work", path), text);
  }
  const hosts = join(directory, "hosts");
  writeFileSync(hosts, `127.0.0.1 localhost ${demo.host}\n`);
  const stage: Stage = { api, tls: options.tls ?? false, directory, pi, key: options.key ?? "sk-lab-real" };
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", stageFile, JSON.stringify(stage)];
  const child = spawnSync("unshare", ["-Urnm", "sh", "-c", enter, "sh", hosts, ...node], {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(child.status, 0, child.stderr);
  return { ...(JSON.parse(child.stdout) as Played), directory };
}

function work(played: { directory: string }): string {
  return readFileSync(join(played.directory, "work", demo.mended.path), "utf8");
}

const cases = [
  { api: "anthropic-messages", target: "/v1/messages", header: "x-api-key", value: "sk-lab-real" },
  { api: "openai-completions", target: "/v1/chat/completions", header: "authorization", value: "Bearer sk-lab-real" },
  { api: "openai-responses", target: "/v1/responses", header: "authorization", value: "Bearer sk-lab-real" },
  {
    api: "google-generative-ai",
    target: "/v1beta/models/lab-model:streamGenerateContent?alt=sse",
    header: "x-goog-api-key",
    value: "sk-lab-real",
  },
  { api: "built-in", target: "/v1/messages", header: "x-api-key", value: "sk-lab-real" },
];

for (const one of cases) {
  void test(`pi completes the script: ${one.api} (needs user namespaces)`, { skip }, () => {
    const played = play(one.api, { tls: one.api === "built-in" || one.api === "anthropic-messages" });
    try {
      assert.equal(played.code, 0, played.output);
      assert.equal(work(played), demo.mended.text);
      assert.deepEqual(
        played.requests.map((request) => [request.method, request.target, request.headers[one.header], request.status]),
        Array.from({ length: demo.script.steps.length + 1 }, () => ["POST", one.target, one.value, 200]),
      );
      assert.ok(played.output.includes(demo.script.final), played.output);
      const last = played.requests.at(-1)?.body ?? "";
      assert.ok(last.includes("FAIL 500 g: 550, not 390"), "the first run of the tests came back as a tool result");
      assert.ok(last.includes("ok   500 g: 390"), "and the second, after the edit");
    } finally {
      rmSync(played.directory, { recursive: true });
    }
  });
}

void test("a wrong key gets nowhere (needs user namespaces)", { skip }, () => {
  const played = play("anthropic-messages", { key: "sk-wrong" });
  try {
    assert.equal(work(played), demo.files[demo.mended.path]);
    assert.deepEqual(new Set(played.requests.map((request) => request.status)), new Set([401]));
  } finally {
    rmSync(played.directory, { recursive: true });
  }
});
