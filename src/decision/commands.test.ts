import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandRule } from "../policy/policy.ts";
import { type CommandRules, judgeCommand, questionedBy } from "./commands.ts";
import { explainCommand } from "./explain-command.ts";

const rule = (id: string, ...prefix: string[]): CommandRule => ({ rule: id, prefix });
const rules: CommandRules = {
  mode: "enforce",
  commands: {
    ask: [rule("user:commands.ask[0]", "git", "push"), rule("repository:commands.ask[0]", "ssh")],
    deny: [rule("organisation:commands.deny[0]", "ssh"), rule("user:commands.deny[0]", "/usr/bin/nc")],
  },
};
const command = (...words: string[]) => ({ named: words[0] ?? "", executable: words[0] ?? "", arguments: words });
const judged = (given: CommandRules, ...words: string[]) => {
  const { kind, rule: by } = judgeCommand(given, command(...words));
  return `${kind} ${by}`;
};

test("refused before asked, whatever layer says it; what no rule names begins", () => {
  assert.equal(judged(rules, "ssh", "host"), "refuse organisation:commands.deny[0]");
  assert.equal(judged(rules, "git", "push"), "ask user:commands.ask[0]");
  assert.equal(judged(rules, "/usr/bin/nc"), "refuse user:commands.deny[0]");
  assert.equal(judged(rules, "/opt/nc"), "allow default");
  assert.equal(judged(rules, "git", "pull"), "allow default");
});

test("in audit everything begins, and what enforce would have done is said", () => {
  const audit: CommandRules = { ...rules, mode: "audit" };
  assert.deepEqual(judgeCommand(audit, command("ssh")), {
    kind: "allow",
    rule: "audit",
    reason: "it is denied by organisation:commands.deny[0], in enforce",
  });
  assert.equal(judged(audit, "git", "push"), "allow audit");
});

test("what nobody can tell by its name may be any of them: refused under the first, where there is one", () => {
  const lost = { ...command("x"), lost: true } as const;
  const reason = "nobody can tell which program its path leads to";
  assert.deepEqual(judgeCommand(rules, lost), { kind: "refuse", rule: "organisation:commands.deny[0]", reason });
  const { ask } = rules.commands;
  const asking = judgeCommand({ ...rules, commands: { ask, deny: [] } }, lost);
  assert.deepEqual([asking.kind, asking.rule], ["refuse", "user:commands.ask[0]"]);
  assert.equal(judgeCommand({ ...rules, commands: { ask: [], deny: [] } }, lost).kind, "allow");
  assert.equal(judgeCommand({ ...rules, mode: "audit" }, lost).rule, "audit");
});

test("whatever may be refused or asked about is questioned, and nothing else", () => {
  assert.deepEqual(questionedBy(rules), [["ssh"], ["/usr/bin/nc"], ["git", "push"], ["ssh"]]);
});

test("why: the rule, its line, and what would change it", () => {
  const place = { file: "/p.yaml", line: 3, column: 5 };
  const policy = { ...rules, origins: { "user:commands.ask[0]": place } };
  const told = (...words: string[]) => explainCommand(policy, command(...words));
  const asked = told("git", "push", "-f");
  assert.deepEqual(
    [asked.subject, asked.answer, asked.rule, asked.place],
    ["git push -f", "asked", "user:commands.ask[0]", place],
  );
  assert.deepEqual(asked.change, { kind: "remove", place });
  assert.equal(told("ssh").answer, "refused");
  const free = told("make", "all", "x");
  assert.deepEqual([free.answer, free.rule], ["allowed", "default"]);
  assert.deepEqual(free.change, { kind: "add", yaml: 'commands:\n  ask: [["make","all"]]' });
  const audit = explainCommand({ ...policy, mode: "audit" }, command("git", "push"));
  assert.deepEqual([audit.answer, audit.rule], ["allowed", "audit"]);
});
