// Inside an empty network namespace: a vendor on loopback, and the real pi playing against it. Takes one JSON argument
// (`Stage`); prints one JSON object (`Played`) of what the vendor saw. Started by vendor-pi.test.ts, never by hand.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo, demoCommand } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";

export interface Stage {
  /** `built-in`: pi's own Anthropic provider, with its own host name and port 443; otherwise an API of models.json. */
  readonly api: string;
  readonly tls: boolean;
  /** Where home and workspace are. */
  readonly directory: string;
  readonly pi: string;
  readonly key: string;
}

export interface Played {
  readonly code: number | null;
  readonly output: string;
  readonly requests: readonly {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly status: number;
  }[];
}

const secret = "sk-lab-real";

async function main(): Promise<void> {
  const stage = JSON.parse(process.argv[2] ?? "") as Stage;
  const home = join(stage.directory, "home");
  const builtIn = stage.api === "built-in";
  const tls = stage.tls ? issueForLoopback(vendorNames) : undefined;
  await using vendor = await openVendor({ script: demo.script, key: secret, tls, port: builtIn ? 443 : 0 });
  const ca = join(stage.directory, "ca.pem");
  writeFileSync(ca, tls?.ca ?? "");
  const models = join(home, ".pi/agent/models.json");
  if (!builtIn) {
    mkdirSync(dirname(models), { recursive: true });
    writeFileSync(models, JSON.stringify(modelsFile(stage, vendor.address)));
  }
  const command = builtIn
    ? demoCommand(stage.pi).slice(1)
    : ["-p", "--provider", "lab", "--model", "lab-model", "mend it"];
  const played = await run([stage.pi, ...command], stage, { home, ca });
  const requests = vendor.requests.map(({ method, target, headers, body, status }) => {
    const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), headers[at + 1] ?? ""]] : []));
    return {
      method,
      target,
      headers: Object.fromEntries(pairs) as Record<string, string>,
      body: body.toString(),
      status,
    };
  });
  process.stdout.write(JSON.stringify({ ...played, requests } satisfies Played));
}

function modelsFile(stage: Stage, address: string): unknown {
  const root = `${stage.tls ? "https" : "http"}://${address}`;
  const path = { "anthropic-messages": "", "google-generative-ai": "/v1beta" }[stage.api] ?? "/v1";
  const lab = { baseUrl: root + path, api: stage.api, apiKey: "LAB_KEY", models: [{ id: "lab-model" }] };
  return { providers: { lab } };
}

function run(command: readonly string[], stage: Stage, at: { home: string; ca: string }) {
  const env = {
    HOME: at.home,
    PATH: "/usr/bin:/bin",
    NODE_EXTRA_CA_CERTS: at.ca,
    ...(stage.api === "built-in" ? { ANTHROPIC_API_KEY: stage.key } : { LAB_KEY: stage.key }),
  };
  const [script = "", ...rest] = command;
  const child = spawn(process.execPath, [script, ...rest], {
    env,
    cwd: join(stage.directory, "work"),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; output: string }>();
  child.on("close", (code) => resolve({ code, output }));
  return promise;
}

await main();
