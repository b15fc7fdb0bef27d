// A checkout and the script by which the vendor leads an agent through it: it reads whole, in part, numbered, quoted, re-indented, and what
// is nobody's here; and how the disclosure map is judged then. Ground truth: the script, the files, and what the vendor received.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { demo } from "../../src/vendor/demo.ts";
import type { Script } from "../../src/vendor/script.ts";

const lines = 60;

/** Lines nobody else has, as source has them. */
const sourceOf = (name: string): string =>
  `${Array.from({ length: lines }, (_, at) => {
    const number = at + 1;
    if (number % 10 === 0) return "";
    const own = createHash("sha256").update(`${name} ${number}`).digest("hex");
    return `${" ".repeat((number % 3) * 2)}const ${name}${number} = "${own.slice(0, 40)}";`;
  }).join("\n")}\n`;

const names = ["whole", "part", "numbered", "quoted", "indented", "untouched"] as const;
type Name = (typeof names)[number];

/** Public code that each machine of Debian's has: these modules are read, others lie in the checkout. Related ones have code in common. */
const unrelated: readonly string[] = ["Carp.pm", "Socket.pm", "feature.pm", "overload.pm"];
const related: readonly string[] = ["DynaLoader.pm", "base.pm", "warnings.pm"];
const modules = globSync("/usr/lib/*/perl-base/*.pm");
const elsewhere = modules.filter((path) => unrelated.includes(basename(path)));
const inCheckout = modules.filter((path) => ![...unrelated, ...related].includes(basename(path)));
/** Lines of each of them that are read. */
const linesElsewhere = 100;

export const readFiles: Readonly<Record<string, string>> = {
  ...demo.files,
  ...Object.fromEntries(names.map((name) => [`src/${name}.ts`, sourceOf(name)])),
  ...Object.fromEntries(inCheckout.map((path) => [`lib/${basename(path)}`, readFileSync(path, "utf8")])),
};

const bash = (command: string) => ({ say: undefined, call: { tool: "bash" as const, arguments: { command } } });

/** No path in it: some agents ask about those outside of the checkout. */
const beginningOf = (module: string): string =>
  `perl -M${module} -e 'open F, $INC{"${module}.pm"}; while (<F>) { last if $. > ${linesElsewhere}; print }'`;

export const readScript: Script = {
  ...demo.script,
  steps: [
    { say: "I read it.", call: { tool: "read", arguments: { path: "src/whole.ts" } } },
    bash("sed -n '11,29p' src/part.ts"),
    bash("cat -n src/numbered.ts | sed -n '21,49p'"),
    bash(
      'node -e \'process.stdout.write(JSON.stringify({ file: require("fs").readFileSync("src/quoted.ts", "utf8") }))\'',
    ),
    bash("sed -e 's/^/\\t\\t/' src/indented.ts"),
    ...elsewhere.map((path) => bash(beginningOf(basename(path, ".pm")))),
    { say: "Written.", call: { tool: "write", arguments: { path: "src/made.ts", content: sourceOf("made") } } },
  ],
  final: "Done.",
};

export interface Told {
  readonly file: string;
  readonly host: string;
  readonly lines: readonly {
    readonly from: number;
    readonly to: number;
    readonly times: number;
    readonly entry: number;
  }[];
  readonly count: number;
  readonly requests: number;
}

/** What `disclosures --json` prints. */
export const readMap = (output: string): readonly Told[] =>
  output
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Told);

const wasRead: readonly (readonly [name: Name, from: number, to: number])[] = [
  ["whole", 1, lines],
  ["part", 11, 29],
  ["numbered", 21, 49],
  ["quoted", 1, lines],
  ["indented", 1, lines],
];

export interface Map {
  readonly told: readonly Told[];
  readonly work: string;
  readonly host: string;
  /** As the vendor received them, decoded. */
  readonly bodies: readonly string[];
}

export interface Judged {
  /** Lines of files that were read as they are, and of all of them those that are told: the same. */
  readonly verbatim: number;
  readonly otherwise: number;
  readonly otherwiseTold: number;
  /** Lines of public code that were read and are no file's of the checkout; and lines of the checkout that are told for them. */
  readonly unrelated: number;
  readonly unrelatedTold: number;
}

/** Throws where the map is not what was read; else how much was. */
export function judgeMap(map: Map): Judged {
  const { told, host, bodies } = map;
  assert.deepEqual([...new Set(told.map((one) => one.host))], [host]);
  let [verbatim, otherwise, lost] = [0, 0, 0];
  for (const [name, from, to] of wasRead) {
    const text = sourceOf(name)
      .split("\n")
      .slice(from - 1, to);
    const escaped = JSON.stringify(text.join("\n")).slice(1, -1);
    assert.ok(
      bodies.some((body) => body.includes(`${name}21 = `)),
      `the vendor never had ${name}`,
    );
    const found = linesOf(map, `src/${name}.ts`);
    const missed = text.map((_, at) => from + at).filter((line) => !found.has(line));
    const beyond = [...found].filter((line) => line < from || line > to);
    assert.deepEqual(beyond, [], `${name}: told and never read`);
    if (bodies.some((body) => body.includes(escaped))) {
      assert.deepEqual(missed, [], `${name}: read as it is and not told`);
      verbatim += text.length;
    } else [otherwise, lost] = [otherwise + text.length, lost + missed.length];
  }
  assert.ok(lost <= otherwise * 0.05, `${lost} of ${otherwise} lines read in other ways are not told`);
  assert.ok(!bodies.some((body) => body.includes("untouched21 = ")));
  assert.equal(linesOf(map, "src/untouched.ts").size, 0);
  assert.equal(linesOf(map, "src/made.ts").size, 0, "the model wrote it");
  return { verbatim, otherwise, otherwiseTold: otherwise - lost, ...judgeUnrelated(map) };
}

function judgeUnrelated(map: Map): Pick<Judged, "unrelated" | "unrelatedTold"> {
  const read = elsewhere.flatMap((path) => {
    const text = readFileSync(path, "utf8").split("\n").slice(0, linesElsewhere);
    return text.filter((line) => line.length > 0 && map.bodies.some((body) => body.includes(jsonOf(line))));
  }).length;
  assert.ok(read >= 200, `the vendor had ${read} lines of public code`);
  const unrelatedTold = inCheckout.reduce((all, path) => all + linesOf(map, `lib/${basename(path)}`).size, 0);
  assert.ok(unrelatedTold <= read * 0.001, `${unrelatedTold} of ${read} lines of public code are told`);
  return { unrelated: read, unrelatedTold };
}

const jsonOf = (text: string): string => JSON.stringify(text).slice(1, -1);

function linesOf({ told, work }: Map, path: string): ReadonlySet<number> {
  const own = told.find(({ file }) => file === `${work}/${path}`);
  return new Set(own?.lines.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at)));
}
