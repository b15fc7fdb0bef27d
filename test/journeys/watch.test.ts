// The watch, through the command line: everything that begins is on the record, what a policy denies does not begin, and
// without the watch nothing runs. Truth is a canary on the host, and a count by the programs' own loader.

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { childrenOf } from "../../src/boundary/linux/doors/owners.ts";
import { withoutProc } from "../../src/boundary/linux/trial.ts";
import { countPrograms, layProject, withoutProject } from "./building.ts";
import { type Logged, type Ran, Stage } from "./stage.ts";

const execs = (log: readonly Logged[]): readonly Logged[] => log.filter(({ kind }) => kind === "exec");
const words = ({ sealed }: Logged): string => (sealed["arguments"] as readonly string[]).join(" ");

/** What runs once it has begun: for a script its last interpreter. */
function runningFile({ sealed }: Logged): string {
  const interpreters = (sealed["interpreters"] ?? []) as readonly { readonly executable: string }[];
  return interpreters.at(-1)?.executable ?? String(sealed["executable"]);
}

test("a real build: every one of more than two thousand programs is recorded", {
  skip: withoutProject,
  timeout: 600_000,
}, async () => {
  using stage = new Stage();
  const counted = countPrograms(stage.work);
  const build = layProject(stage.work);
  const ran = await stage.run([...counted.before, ...build]);
  assert.equal(ran.code, 0, ran.errors);
  assert.ok(existsSync(join(stage.work, "libltdl/built/.libs/libltdlc.a")), "it was built");
  const truth = counted.lines();
  assert.ok(truth.length > 2_000, `${truth.length}`);
  const recorded = execs(await stage.log());
  const uncounted = leave(recorded, truth);
  assert.equal(recorded.length - uncounted.length, truth.length, "each that began, as often as it began");
  // env sets the count up; the checks of the configure script make static programs, which have no loader
  const names = [...new Set(uncounted.map((entry) => basename(runningFile(entry))))];
  if (withoutProc === false) assert.deepEqual(names, ["env", "conftest"]);
  assert.ok(uncounted.length <= 5, `${uncounted.length}`);
  assert.equal(ran.summary?.commands.run, recorded.length);
  for (const entry of recorded) {
    assert.equal(entry.verdict, "allow");
    assert.match(String(entry.sealed["sha256"]), /^[0-9a-f]{64}$/, words(entry));
    assert.ok(entry.sealed["parent"] !== undefined, words(entry));
  }
});

/** The entries no line of the count stands for. */
function leave(recorded: readonly Logged[], truth: readonly string[]): readonly Logged[] {
  const lines = new Map<string, number>();
  for (const line of truth) lines.set(line, (lines.get(line) ?? 0) + 1);
  return recorded.filter((entry) => {
    // where the inside has no /proc, a program cannot tell which file it is
    const line = `${String(entry.sealed["pid"])} ${withoutProc === false ? runningFile(entry) : ""}`;
    const left = lines.get(line) ?? 0;
    lines.set(line, left - 1);
    return left <= 0;
  });
}

const push = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/canary"\n';

function openPush(): Stage & { readonly landed: () => string } {
  const stage = new Stage({ files: { push } });
  chmodSync(join(stage.work, "push"), 0o755);
  const landed = (): string => {
    const file = join(stage.work, "canary");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  return Object.assign(stage, { landed });
}

const asking = { policy: { commands: { ask: [["push"]] } } };

interface Question {
  readonly id: string;
  readonly effect: { readonly arguments: readonly string[] };
}

/** A shell inside that runs what it is told, one line after the other. */
class Obeying {
  readonly stage: Stage;
  readonly #started: ReturnType<Stage["start"]>;
  #said = 0;

  constructor(stage: Stage) {
    this.stage = stage;
    const script = 'export HERE=$PWD; while read -r line; do (eval "$line"); echo $? >> $HERE/results; done';
    this.#started = stage.start(["bash", "-c", script], { ...asking, input: "pipe" });
  }

  /** Its exit code; 126 where it did not begin. */
  async say(line: string): Promise<number> {
    this.#said += 1;
    this.#started.child.stdin?.write(`${line}\n`);
    const file = join(this.stage.work, "results");
    const results = (): readonly string[] => (existsSync(file) ? readFileSync(file, "utf8").split("\n") : []);
    await until(() => results().length > this.#said, this.#started.child);
    return Number(results()[this.#said - 1]);
  }

  async questions(): Promise<readonly Question[]> {
    const { output } = await this.stage.call(["pending", "--json"]);
    return output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Question);
  }

  /** The only one there is. */
  async question(): Promise<string> {
    const [question, ...others] = await this.questions();
    assert.ok(question !== undefined && others.length === 0);
    return question.id;
  }

  kill(): Promise<Ran> {
    this.#started.child.kill("SIGKILL");
    return this.#started.ended;
  }

  end(): Promise<Ran> {
    this.#started.child.stdin?.end();
    return this.#started.ended;
  }
}

/** Looks again and again, for as long as the command line lives. */
async function until(seen: () => boolean, child: ChildProcess): Promise<void> {
  while (!seen()) {
    assert.equal(child.exitCode, null, "it ended before");
    await new Promise((later) => setTimeout(later, 20));
  }
}

test("asked, approved, and the retry begins: once", { timeout: 120_000 }, async () => {
  using stage = openPush();
  const tool = new Obeying(stage);
  assert.equal(await tool.say("./push one"), 126);
  const id = await tool.question();
  assert.equal(stage.landed(), "");
  const approved = await stage.call(["approve", id]);
  assert.deepEqual(
    [approved.code, approved.output.split("\n")[0]],
    [0, "approved, for once, within 15 min: ./push one"],
  );
  assert.equal((await stage.call(["deny", id])).code, 1, "the first answer counts");
  assert.equal(stage.landed(), "", "an answer starts nothing");
  assert.deepEqual([await tool.say("./push one"), stage.landed()], [0, "one\n"]);
  assert.deepEqual([await tool.say("./push one"), stage.landed()], [126, "one\n"], "asked about anew");
  assert.notEqual(await tool.question(), id);
  assert.equal((await stage.call(["approve", id])).code, 1, "it was used");
  const ran = await tool.end();
  assert.equal(ran.code, 0);
  const counts = { refused: 2, asked: 2, unanswered: 1, firstRefused: "./push one" };
  assert.partialDeepStrictEqual(ran.summary?.commands, counts);
  assert.equal((await stage.call(["pending"])).output, "nothing is asked\n");

  const log = await stage.log();
  const story = log
    .filter((entry) => entry.kind === "approval" || (entry.kind === "exec" && words(entry) === "./push one"))
    .map(({ kind, verdict, sealed }) => `${kind} ${verdict ?? String(sealed["outcome"])} ${sealed["question"] === id}`);
  assert.deepEqual(story.toSorted(), [
    "approval allow true",
    "approval ask false",
    "approval ask true",
    "approval unanswered false",
    "exec allow true",
    "exec ask false",
    "exec ask true",
  ]);
  assert.equal((await stage.call(["verify"])).code, 0);
});

test("a yes to one command is none to another: arguments, directory, program", { timeout: 120_000 }, async () => {
  using stage = openPush();
  const tool = new Obeying(stage);
  assert.equal(await tool.say("./push one"), 126);
  assert.equal((await stage.call(["approve", await tool.question()])).code, 0);
  assert.equal(await tool.say("./push two"), 126, "other arguments");
  assert.equal(await tool.say("./push one more"), 126, "more arguments");
  assert.equal(await tool.say("cd /tmp; $HERE/push one"), 126, "another directory");
  assert.equal(await tool.say("cp push /tmp; /tmp/push one"), 126, "another place of the program");
  writeFileSync(join(stage.work, "push"), `${push}echo evil >> canary\n`);
  assert.equal(await tool.say("./push one"), 126, "another program under the same name");
  assert.equal(stage.landed(), "");
  writeFileSync(join(stage.work, "push"), push);
  assert.equal(await tool.say("./push one"), 0, "the very command that was approved");
  assert.equal(stage.landed(), "one\n");
  await tool.end();
});

test("denied, and expired", { timeout: 120_000 }, async () => {
  using stage = openPush();
  const tool = new Obeying(stage);
  const age = (name: string, key: "asked" | "at"): void => {
    const file = join(stage.state, "questions", `${name}.json`);
    const kept = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
    writeFileSync(file, JSON.stringify({ ...kept, [key]: (kept[key] ?? 0) - 16 * 60_000 }));
  };
  assert.equal(await tool.say("./push one"), 126);
  const denied = await tool.question();
  assert.equal((await stage.call(["deny", denied])).code, 0);
  assert.equal(await tool.say("./push one"), 126);
  assert.equal(await tool.question(), denied, "a no stands for a quarter of an hour");
  age(`${denied}.answer`, "at");
  assert.equal(await tool.say("./push one"), 126);
  const unanswered = await tool.question();
  assert.notEqual(unanswered, denied, "then it is asked anew");
  age(unanswered, "asked");
  const late = await stage.call(["approve", unanswered]);
  assert.deepEqual([late.code, /it expired/.test(late.errors)], [1, true]);
  assert.deepEqual(await tool.questions(), []);
  assert.equal(await tool.say("./push one"), 126);
  const approved = await tool.question();
  assert.equal((await stage.call(["approve", approved])).code, 0);
  age(`${approved}.answer`, "at");
  assert.equal(await tool.say("./push one"), 126, "a yes expires as well");
  await tool.end();
  assert.equal(stage.landed(), "");
  const reasons = execs(await stage.log()).map(({ sealed }) => String(sealed["reason"]));
  assert.equal(reasons.filter((reason) => reason.endsWith(" said no")).length, 1);
});

test("a session that was killed asks nothing any more", { timeout: 120_000 }, async () => {
  using stage = openPush();
  const tool = new Obeying(stage);
  await tool.say("./push one");
  const id = await tool.question();
  await tool.kill();
  assert.equal((await stage.call(["approve", id])).code, 1);
  assert.equal((await stage.call(["pending"])).output, "nothing is asked\n");
});

test("nothing inside can answer, or see that there are questions", { timeout: 120_000 }, async () => {
  using stage = openPush();
  const tool = new Obeying(stage);
  await tool.say("./push one");
  const id = await tool.question();
  assert.notEqual(await tool.say(`find / -name '${id}*' 2>/dev/null | grep .`), 0);
  assert.notEqual(await tool.say(`ls ${stage.state}`), 0);
  await tool.say(
    `mkdir -p ${stage.state}/questions && echo '{"approved":true,"by":"x","at":9e12}' > ${stage.state}/questions/${id}.answer.json`,
  );
  assert.ok(!existsSync(join(stage.state, "questions", `${id}.answer.json`)));
  assert.equal(await tool.say("./push one"), 126);
  await tool.end();
});

test("headless: what would have to be asked about fails at once, nothing is left pending, and the run ends with 123", {
  timeout: 60_000,
}, async () => {
  using stage = openPush();
  const ran = await stage.run(["bash", "-c", "./push one; exit 0"], { ...asking, flags: ["--headless"] });
  assert.equal(ran.code, 123);
  assert.deepEqual(ran.summary?.exit, {
    code: 123,
    by: "postern",
    reason: "headless: somebody would have had to be asked about something; the tool ended with 0",
  });
  assert.equal(stage.landed(), "");
  assert.ok(!existsSync(join(stage.state, "questions")));
  const free = await stage.run(["bash", "-c", "exit 123"], { ...asking, flags: ["--headless"] });
  assert.deepEqual([free.code, free.summary?.exit.by], [123, "tool"]);
});

test("denied commands do not begin and are listed; in audit they do", { timeout: 60_000 }, async () => {
  using stage = openPush();
  const policy = { commands: { deny: [["push"]], ask: [["push"]] } };
  const line = "./push a; sh -c './push b'; env ./push c; ln -s push other; (exec -a harmless ./other d); true";
  const ran = await stage.run(["bash", "-c", line], { policy });
  assert.deepEqual([ran.code, stage.landed()], [0, ""]);
  assert.partialDeepStrictEqual(ran.summary?.commands, { refused: 4, asked: 0, firstRefused: "./push a" });
  assert.match(ran.errors, /\bran +\d+ commands, 4 refused: \.\/push a/);
  const refused = execs(await stage.log()).filter(({ verdict }) => verdict === "refuse");
  assert.deepEqual(refused.map(words), ["./push a", "./push b", "./push c", "harmless d"]);
  assert.ok(refused.every(({ rule }) => rule === "user:commands.deny[0]"));
  const told = await stage.call(["log", "--kind", "exec"]);
  assert.match(told.output, /refuse {3}\.\/push a {2}\S+\/push, by \/usr\/bin\/bash: it is denied/);

  const audited = await stage.run(["./push", "audited"], { policy, flags: ["--mode", "audit"] });
  assert.deepEqual([audited.code, stage.landed()], [0, "audited\n"]);
  assert.ok(execs(await stage.log()).some(({ rule, verdict }) => rule === "audit" && verdict === "allow"));
});

/** The process that watches: below the command line, behind unshare. */
function watcherOf(pid: number): number {
  const [unshare = 0] = childrenOf("/proc", pid);
  return childrenOf("/proc", unshare)[0] ?? 0;
}

test("the watch is killed: nothing begins any more, and the session says so", { timeout: 60_000 }, async () => {
  using stage = new Stage();
  const { child, ended } = stage.start(["bash", "-c", "while :; do /bin/date >> canary; done"]);
  const canary = join(stage.work, "canary");
  while (!existsSync(canary) || readFileSync(canary, "utf8").length < 200)
    await new Promise((later) => setTimeout(later, 20));
  const watcher = watcherOf(child.pid ?? 0);
  assert.match(readFileSync(`/proc/${watcher}/cmdline`, "utf8"), /helper/);
  process.kill(watcher, "SIGKILL");
  const ran = await ended;
  const after = readFileSync(canary, "utf8");
  assert.equal(ran.code, 124);
  assert.partialDeepStrictEqual(ran.summary?.exit, { code: 124, by: "postern" });
  assert.match(ran.summary?.exit.reason ?? "", /watching its commands was killed/);
  assert.match(ran.errors, /watching its commands was killed/);
  await new Promise((later) => setTimeout(later, 500));
  assert.equal(readFileSync(canary, "utf8"), after);
});

const go = ["/usr/bin/go", "/usr/local/go/bin/go"].find((path) => existsSync(path));
const java = ["/usr/bin/java"].find((path) => existsSync(path));

test("a Go program starts programs of its own inside", {
  skip: go === undefined && "NOT TRIED: no go here",
  timeout: 300_000,
}, async () => {
  const program = `package main
import ("fmt"; "os"; "os/exec"; "sync")
func main() {
  var all sync.WaitGroup
  for i := 0; i < 40; i++ { all.Add(1); go func(i int) { defer all.Done(); exec.Command("/bin/sh", "-c", fmt.Sprintf("echo %d >> canary", i)).Run() }(i) }
  for i := 0; i < 1e8; i++ { _ = i * i }
  all.Wait(); os.Exit(3)
}`;
  using stage = new Stage({ files: { "main.go": program } });
  const { execFileSync } = await import("node:child_process");
  const env = { PATH: "/usr/bin:/bin", HOME: stage.home, GOCACHE: join(stage.base, "cache"), CGO_ENABLED: "0" };
  execFileSync(go ?? "", ["build", "-o", "made", "main.go"], { cwd: stage.work, env });
  const ran = await stage.run(["./made"]);
  assert.equal(ran.code, 3, ran.errors);
  const lines = readFileSync(join(stage.work, "canary"), "utf8").trim().split("\n");
  assert.equal(new Set(lines).size, 40);
  assert.equal(execs(await stage.log()).length, 41);
});

test("a Java program starts programs of its own inside (needs /proc inside)", {
  skip: withoutProc || (java === undefined && "NOT TRIED: no java here"),
  timeout: 120_000,
}, async () => {
  const program = `public class Main { public static void main(String[] given) throws Exception {
  for (int i = 0; i < 10; i++) new ProcessBuilder("/bin/sh", "-c", "echo " + i + " >> canary").start().waitFor();
  System.exit(4); } }`;
  using stage = new Stage({ files: { "Main.java": program } });
  const ran = await stage.run(["sh", "-c", "exec java Main.java"]);
  assert.equal(ran.code, 4, ran.errors);
  assert.equal(
    readFileSync(join(stage.work, "canary"), "utf8"),
    Array.from({ length: 10 }, (_, i) => `${i}\n`).join(""),
  );
  const recorded = execs(await stage.log());
  assert.equal(recorded.filter((entry) => words(entry).startsWith("/bin/sh -c echo")).length, 10);
});

test("why: a command, the rule that decides, and its line", { timeout: 60_000 }, async () => {
  using stage = openPush();
  const file = stage.write(
    "p.yaml",
    JSON.stringify({ version: 1, commands: { ask: [["git", "push"]], deny: [["ssh"]] } }),
  );
  const why = async (...asked: string[]): Promise<string> =>
    (await stage.call(["why", "--policy", file, ...asked])).output;
  assert.match(
    await why("--", "git", "push", "-f"),
    /^git push -f: asked\n {2}rule {4}user:commands\.ask\[0\] {2}\(\S+p\.yaml:1:/,
  );
  assert.match(await why("--", "ssh"), /^ssh: refused\n {2}rule {4}user:commands\.deny\[0\]/);
  assert.match(await why("git push"), /^git push: asked/);
  assert.match(await why("git", "status"), /^git status: allowed\n {2}rule {4}default/);
  assert.match(await why("POST https://ssh.example/x"), /^POST https:\/\/ssh\.example\/x: refused/);
});
