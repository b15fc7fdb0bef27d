// Every command's help teaches: an example that can be typed, in 80 columns. And what the examples say can be parsed.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "commander";
import { examples } from "./examples.ts";
import { openProgram } from "./program.ts";

interface Helped {
  readonly name: string;
  readonly text: string;
}

function helps(command: Command, name = "postern"): readonly Helped[] {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  command.outputHelp();
  const own = { name, text };
  return [own, ...command.commands.flatMap((each) => helps(each, `${name} ${each.name()}`))];
}

const all = helps(openProgram());

test("each has an example, and no line runs over", () => {
  assert.ok(all.length > 15);
  for (const { name, text } of all) {
    // beside the line that says how it is used
    const said = text.split("\n").slice(1);
    assert.ok(
      said.some((line) => line.includes(name)),
      `no example of ${name}`,
    );
    for (const line of text.split("\n")) assert.ok([...line].length <= 80, `${name}: ${line}`);
  }
});

test("each set of examples belongs to a command", () => {
  for (const name of Object.keys(examples))
    assert.ok(
      all.some((each) => each.name === name),
      name,
    );
});

/** The words of each line that begins with `postern`, up to its explanation, a pipe or a redirection. */
const typed = all.flatMap(({ text }) =>
  [...text.matchAll(/^ {2}(postern .*?)(?: {2,}.*| \| .*| > .*)?$/gm)].map(([, line = ""]) => line),
);

test("each example is a command with flags there are", () => {
  assert.ok(typed.length > 25, typed.join("\n"));
  for (const line of typed) {
    const [, ...words] = [...line.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word);
    const program = openProgram();
    let command = program;
    for (;;) {
      const next = command.commands.find((each) => each.name() === words[0]);
      if (next === undefined) break;
      command = next;
      words.shift();
    }
    assert.notEqual(command, program, `${line}: no such command`);
    const tool = words.indexOf("--");
    for (const word of words.slice(0, tool < 0 ? words.length : tool))
      if (word.startsWith("--"))
        assert.ok(
          command.options.some(({ long }) => long === word),
          `${line}: ${word}`,
        );
  }
});
