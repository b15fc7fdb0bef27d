// Claude Code and Codex as a person uses them: in a terminal, by keystrokes, from their very first start. Judged by what the
// vendor received, the file, the record and the person's shell; the screens are only what is waited for, and are kept.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { profileNamed } from "../../src/policy/profile.ts";
import { demo } from "../../src/vendor/demo.ts";
import { lastOf } from "../../src/vendor/record.ts";
import { openOutside } from "../journeys/outside.ts";
import { Stage } from "../journeys/stage.ts";
import { install, nodeDirectory } from "./packages.ts";
import { grants, startVendor } from "./play.ts";
import { type Agent, roster } from "./roster.ts";
import { Terminal, withoutTmux } from "./tmux.ts";

const postern = new URL("../../postern", import.meta.url).pathname;
const prompt = "The tests fail. Find out why and mend it.";

interface Person {
  readonly agent: Agent;
  /** The variable their key is in, for interactive use. */
  readonly variable: string;
  /** From the first screen to where a prompt can be typed. */
  readonly welcome: (terminal: Terminal) => Promise<void>;
  /** What its own questions look like; each is answered yes. */
  readonly asks: RegExp;
  /** It waits for a prompt. */
  readonly ready: RegExp;
  /** A question of its first start, which must not come again. */
  readonly once: RegExp;
  readonly leave: (terminal: Terminal) => Promise<void>;
}

async function work({ agent, variable, welcome, asks, ready, once, leave }: Person): Promise<void> {
  const profile = profileNamed(agent.name);
  if (profile === undefined) throw new Error(`no profile ${agent.name}`);
  const installed = install(agent.name);
  using stage = new Stage({ workspace: "parcel", files: demo.files, git: true });
  const key = agent.key();
  await using outside = await openOutside({ directory: stage.base });
  await using vendor = await startVendor(outside.enter, { key, names: agent.hosts, root: "" });
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", vendor.ca) };
  const way = { name: "interactive", words: [] };
  const allow = grants(profile, { agent, way }, upstream);
  const policy = stage.write("policy.yaml", JSON.stringify({ version: 1, network: { allow } }));
  const environment = {
    HOME: stage.home,
    PATH: `${join(installed.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
    LANG: "C.UTF-8",
    PS1: "shell> ",
    POSTERN_HOME: stage.state,
    [variable]: key,
  };
  using terminal = new Terminal({ enter: outside.enter, directory: stage.base, work: stage.work, environment });
  await terminal.until(/\$ ?$|# ?$|shell>/m);
  const start = (): void => {
    terminal.type(`clear; ${postern} run --policy ${policy} -- ${installed.program}`);
    terminal.press("Enter");
  };
  start();
  await welcome(terminal);
  await terminal.until(ready);
  terminal.type(prompt);
  await terminal.until(/mend it/);
  await terminal.pressUntil("Enter", /look at the price table/);
  terminal.resize(84, 30);
  void vendor.held.then(vendor.release);
  for (let asked = 0; asked < 12; asked += 1) {
    const screen = await terminal.until(new RegExp(`${asks.source}|Mended: the limits`));
    if (/Mended: the limits/.test(screen)) break;
    terminal.press("Enter");
    await gone(terminal, screen);
  }
  await terminal.until(/Mended: the limits/);
  assert.equal(readFileSync(join(stage.work, demo.mended.path), "utf8"), demo.mended.text);

  terminal.press("C-z");
  await terminal.until(/Stopped/);
  terminal.type("clear; stty -a | grep -o -e '-*icanon'; jobs | wc -l");
  terminal.press("Enter");
  await terminal.until(/^icanon\n1$/m);
  terminal.type("fg");
  terminal.press("Enter");
  await terminal.until(ready);
  await leave(terminal);

  // a second start asks nothing that was answered, for its home is still there, and the placeholder the same
  start();
  const again = await terminal.until(ready);
  assert.doesNotMatch(again, once);
  await leave(terminal);

  const log = await stage.log({ before: outside.enter });
  const requests = await vendor.all();
  const asked = requests.filter(({ target }) => agent.target.test(target));
  const [header, scheme] = agent.header;
  assert.ok(asked.length > demo.script.steps.length, `${asked.length} requests`);
  for (const { headers } of asked) assert.equal(lastOf(headers).get(header), scheme + key);
  assert.deepEqual(await outside.seen(), [], "nothing came to any other address");
  const entered = log.filter(({ kind }) => kind === "request").length;
  assert.ok(entered >= asked.length, `${entered} entered, ${asked.length} came`);
  assert.equal(log.filter(({ kind }) => kind === "approval").length, 0, "we asked nothing");
  assert.equal((await stage.call(["verify"], { before: outside.enter })).code, 0);
  assert.ok(!terminal.history().includes(key) && terminal.screens.every((screen) => !screen.includes(key)));
}

async function gone(terminal: Terminal, screen: string): Promise<void> {
  for (let look = 0; look < 40 && terminal.screen() === screen; look += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

const agentNamed = (name: string): Agent => roster.find((one) => one.name === name) ?? assert.fail(name);

test(
  "Claude Code by keystrokes: first start, work, resize, Ctrl-Z and fg, exit, second start",
  {
    skip: withoutTmux,
    timeout: 600_000,
  },
  () =>
    work({
      agent: { ...agentNamed("claude-code"), hosts: ["api.anthropic.com", "platform.claude.com"] },
      variable: "ANTHROPIC_API_KEY",
      welcome: async (terminal) => {
        await terminal.until(/Choose the text style/);
        await terminal.pressUntil("Enter", /Do you want to use this API key\?/);
        await terminal.pressUntil("Up", /❯ Yes/);
        await terminal.pressUntil("Enter", /Press Enter to continue/);
        await terminal.pressUntil("Enter", /trust this folder/);
        await terminal.pressUntil("Down", /❯ Yes, I trust/);
        await terminal.pressUntil("Enter", /for shortcuts/);
      },
      asks: /Do you want to (?:proceed|make this edit)/,
      ready: /\n❯\s*\n[\s\S]*for shortcuts/,
      once: /API key\?|text style|trust this folder/,
      leave: (terminal) => terminal.pressUntil(["C-c", "C-c"], /ended with 0/),
    }),
);

test(
  "Codex by keystrokes: first start, work, resize, Ctrl-Z and fg, exit, second start",
  {
    skip: withoutTmux,
    timeout: 600_000,
  },
  () =>
    work({
      agent: agentNamed("codex"),
      variable: "OPENAI_API_KEY",
      welcome: async (terminal) => {
        await terminal.until(/Sign in another way/);
        await terminal.pressUntil("Down", /> 3\. Sign in another way/);
        await terminal.pressUntil("Enter", /> 1\. Use an OpenAI API key/);
        await terminal.pressUntil("Enter", /Detected OPENAI_API_KEY/);
        await terminal.pressUntil("Enter", /Trust this folder/);
        await terminal.pressUntil("Enter", /Ask Codex to do anything/);
      },
      asks: /Would you like to run|Allow command/,
      ready: /› Ask Codex to do anything/,
      once: /API key|Trust this folder/,
      leave: (terminal) => terminal.pressUntil("C-c", /ended with 0/),
    }),
);
