// A new user's machine, and somebody who types at it: a fresh home with an agent and a checkout, the provider played by the
// scripted vendor, and a terminal in which a guide's commands are typed one after the other, questions answered as the
// guide does.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export interface Command {
  readonly typed: string;
  /** As the guide shows it, the answer to a question at the end of its line. */
  readonly output: string;
}

/** The console blocks of a guide: what stands behind `$ `, and what follows. */
export function readGuide(text: string): readonly Command[] {
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [typed = "", ...lines] = part.split("\n");
        return { typed, output: lines.join("\n").trimEnd() };
      }),
  );
}

export interface NewUser extends AsyncDisposable {
  readonly home: string;
  readonly checkout: string;
  /** Of the provider; never inside. */
  readonly key: string;
  /** Requests as the provider saw them. */
  readonly requests: () => readonly { readonly target: string; readonly headers: readonly string[] }[];
  readonly startFile: { readonly path: string; readonly text: string };
  readonly environment: Readonly<Record<string, string>>;
}

export async function openNewUser(): Promise<NewUser> {
  const base = mkdtempSync(join(tmpdir(), "postern-new-user-"));
  const home = join(base, "ann");
  const checkout = join(home, "parcel");
  for (const path of [checkout, join(home, ".local/bin"), join(home, ".config/postern")])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  symlinkSync(root, join(home, "postern"));
  symlinkSync(join(root, "node_modules/.bin/pi"), join(home, ".local/bin/pi"));
  writeFileSync(
    join(home, ".gitconfig"),
    "[user]\nname = ann\nemail = ann@example.org\n[color]\nui = false\n[core]\npager = cat\n",
  );
  const startFile = {
    path: join(home, ".bashrc"),
    text: "# ~/.bashrc\nPS1='$ '\nPROMPT_COMMAND='printf \"\\036%s\\036\" $?'",
  };
  writeFileSync(startFile.path, startFile.text);
  const path = [join(home, ".local/bin"), dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  const key = "sk-ant-api03-new-user-0123456789abcdef0123456789abcdef";
  const environment = {
    HOME: home,
    PATH: path,
    SHELL: "/bin/bash",
    TERM: "xterm",
    LANG: "C.UTF-8",
    ANTHROPIC_API_KEY: key,
  };
  for (const [name, text] of Object.entries(demo.files)) writeFileSync(join(checkout, name), text);
  for (const words of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["commit", "-qm", "the price of a parcel"],
  ])
    execFileSync("git", ["-C", checkout, ...words], { env: environment });
  const tls = issueForLoopback(vendorNames);
  const vendor = await openVendor({ script: demo.script, key, tls });
  writeFileSync(join(base, "vendor.pem"), tls.ca);
  // the one thing that is not a new user's: the provider's name leads to the vendor on loopback
  const upstream = { address: vendor.address, ca: join(base, "vendor.pem") };
  const grant = { host: demo.host, methods: ["POST"], paths: ["/v1/messages**"], upstream, why: "inference" };
  writeFileSync(join(home, ".config/postern/policy.yaml"), JSON.stringify({ version: 1, network: { allow: [grant] } }));
  return {
    ...{ home, checkout, key, startFile, environment },
    requests: () => vendor.requests,
    [Symbol.asyncDispose]: async () => {
      await vendor.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

export interface Typed extends Command {
  readonly code: number;
}

/** Whether a line of output is a question, and what was answered. */
const question = /^(.*\[y\/N\]) (\w*)$/m;

/** Types each command into one interactive bash and waits for its prompt; what it showed, as text. `note`: told of each. */
export async function typeAll(
  { environment, home }: NewUser,
  commands: readonly Command[],
  note: (typed: Typed) => void = () => undefined,
): Promise<readonly Typed[]> {
  const words = ["-qfec", "stty cols 80 rows 24; exec bash -i", "/dev/null"];
  const terminal = spawn("script", words, { cwd: home, env: { ...environment }, stdio: ["pipe", "pipe", "inherit"] });
  const shown = openScreen(terminal.stdout);
  try {
    await shown.until(/\u001e\d+\u001e\$ $/);
    const done: Typed[] = [];
    for (const { typed, output } of commands) {
      shown.clear();
      terminal.stdin.write(`${typed}\n`);
      const [, asked, answer] = question.exec(output) ?? [];
      if (asked !== undefined) {
        await shown.until(/\[y\/N\] $/);
        terminal.stdin.write(`${answer}\n`);
      }
      const text = await shown.until(/\u001e\d+\u001e\$ $/);
      const [, before = "", code = ""] = /^([\s\S]*)\u001e(\d+)\u001e\$ $/.exec(text) ?? [];
      // the first line is what was typed, as the terminal shows it
      const one = { typed, output: before.split("\n").slice(1).join("\n").trimEnd(), code: Number(code) };
      done.push(one);
      note(one);
    }
    return done;
  } finally {
    terminal.kill("SIGKILL");
  }
}

function openScreen(stream: NodeJS.ReadableStream) {
  let text = "";
  let look: () => void = () => undefined;
  stream.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    look();
  });
  const plain = () =>
    text.replaceAll(/\u001b(?:\[[0-9;?<>=]*[A-Za-z]|[()][A-Z0-9]|\][^\u0007]*\u0007)/g, "").replaceAll("\r", "");
  return {
    clear: () => (text = ""),
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`gave up waiting for ${String(pattern)}:\n${plain()}`)),
          240_000,
        );
        look = () => {
          if (!pattern.test(plain())) return;
          clearTimeout(timer);
          look = () => undefined;
          resolve(plain());
        };
        look();
      }),
  };
}

/** True where the same happened: numbers, times, names, digests and padding are left out. */
export function alike(shown: string, guide: string): boolean {
  // what a machine lacks is said there, and takes the line of what was refused for its own
  const lacks = /^postern: lacking inside/m.test(shown);
  const [a, b] = [shown, guide].map((text) =>
    plainLines(text).filter((line) => !lacks || !/^(?:postern: lacking inside:|lacked |refused )/.test(line)),
  );
  return JSON.stringify(a) === JSON.stringify(b);
}

function plainLines(text: string): readonly string[] {
  return text.split("\n").map((line) =>
    line
      .replaceAll(/s-[0-9A-Z]{8}/g, "s-0")
      .replaceAll(/\d[\d.]* (?:s|min)\b|\d+ h \d+ min/g, "T")
      .replace(/^(root|origin) .*/, "$1")
      .replaceAll(/\/(?:[\w.-]+\/)+(?=[\w.-]+ \()/g, "")
      .replaceAll(/\d[\d.:-]*/g, "0")
      .replaceAll(/ +/g, " ")
      .trimEnd(),
  );
}
