// A repository, prompts and a script for one session of an agent, made from a seed: files in several languages, with the comments and documents
// that people write, and what an agent does in a morning: looks around, reads, searches, edits, tries.

import type { Script } from "../../src/vendor/script.ts";
import { openChance } from "../journeys/chance.ts";

export interface Generated {
  readonly files: Readonly<Record<string, string>>;
  readonly prompt: string;
  readonly script: Script;
}

type Pick = <Item>(from: readonly Item[]) => Item;

const nouns =
  "order invoice parcel basket session ticket ledger route seat sensor invoice-line customer tariff window".split(" ");
const verbs = "load check sum merge split rank print filter store count".split(" ");
const remarks = [
  "Don't call this twice: it isn't idempotent.",
  "See the RFC — section 4.2 “Limits” — before you change it…",
  "Größe in Millimetern; Straße und Hausnummer getrennt.",
  "Возвращает сумму без НДС.",
  "À vérifier : l’arrondi n’est pas « bancaire » ici.",
  "合计金额，单位为分。",
  "سعر الطرد بالسنت.",
  "TODO(ann): 3 × 4 ≤ 12 is what the test says → keep it ✅",
  "It's the caller's job to close the handle.",
];
const prompts = [
  (noun: string) => `Please find out why the ${noun} total is off by one and fix it. Don't touch the docs.`,
  (noun: string) => `Add a guard to the ${noun} module so that it doesn't accept negative numbers, and run the checks.`,
  (noun: string) => `Review src/${noun} — I think it’s slow. Tell me what you’d change, then change it.`,
  (noun: string) =>
    `The ${noun} code was written in a hurry. Read it and its README, tidy it up and show me the diff 🙂`,
];

export function generate(seed: number, steps: number): Generated {
  const pick = chanceFrom(seed);
  const modules = Array.from({ length: 6 }, (_, nth) => `${pick(nouns)}${nth}`);
  const files = Object.fromEntries(modules.flatMap((name) => filesOf(name, pick)));
  const [first = "order"] = modules;
  return {
    files: {
      ...files,
      "README.md": readme(modules, pick),
      "checks.sh": "for each in src/*.js; do node --check $each && echo ok $each; done\n",
    },
    prompt: pick(prompts)(first),
    script: {
      name: `ordinary ${seed}`,
      steps: Array.from({ length: steps }, (_, nth) => stepOf(nth, modules, pick)),
      final: `Done: ${pick(remarks)} The checks pass.`,
      aside: `Work on the ${first}`,
    },
  };
}

function filesOf(name: string, pick: Pick): readonly (readonly [string, string])[] {
  const [one, two] = [pick(verbs), pick(verbs)];
  const script = `// ${pick(remarks)}
export function ${one}(all, rate = ${1 + name.length}) {
  let total = 0; // ${pick(remarks)}
  for (const { price, count } of all) total += price * count * rate;
  return total;
}
`;
  const python = `"""${pick(remarks)}"""
def ${two}(rows: list[dict]) -> int:
    # ${pick(remarks)}
    return sum(row["price"] * row.get("count", 1) for row in rows)
`;
  const notes = `# ${name}\n\n${pick(remarks)}\n\n- ${pick(remarks)}\n- ${pick(remarks)}\n\n| step | what it’s for |\n|---|---|\n| ${one} | ${pick(remarks)} |\n`;
  const data = JSON.stringify(
    { name, version: "1.4.2", id: `3f2b8c1e-77aa-4d1b-9a30-${"0".repeat(11)}${name.length % 10}`, rates: [1, 2.5, 19] },
    undefined,
    2,
  );
  return [
    [`src/${name}.js`, script],
    [`py/${name}.py`, python],
    [`docs/${name}.md`, notes],
    [`data/${name}.json`, `${data}\n`],
  ];
}

const readme = (modules: readonly string[], pick: Pick): string =>
  `# the shop\n\n${pick(remarks)}\n\n${modules.map((name) => `- [${name}](docs/${name}.md): ${pick(remarks)}`).join("\n")}\n`;

/** No two in a row are the same call: agents take that for a loop. */
function stepOf(nth: number, modules: readonly string[], pick: Pick): Script["steps"][number] {
  const name = modules[nth % modules.length] ?? "";
  const say = nth % 3 === 0 ? pick(remarks) : undefined;
  const round = Math.floor(nth / 8);
  switch (nth % 8) {
    case 0:
      return {
        say,
        call: { tool: "bash", arguments: { command: `ls -la src docs && git log --oneline | head -${round + 3}` } },
      };
    case 1:
    case 4:
      return { say, call: { tool: "read", arguments: { path: `src/${name}.js` } } };
    case 2:
      return { say, call: { tool: "bash", arguments: { command: `grep -rn "price" src py | head -${10 + round}` } } };
    case 3:
      return { say, call: { tool: "read", arguments: { path: `docs/${name}.md` } } };
    case 5:
      return {
        say,
        call: { tool: "bash", arguments: { command: `cat data/${name}.json && sh checks.sh && echo round ${round}` } },
      };
    case 6:
      return {
        say,
        call: {
          tool: "write",
          arguments: { path: `src/extra${nth}.js`, content: `// ${pick(remarks)}\nexport const limit = ${nth};\n` },
        },
      };
    default:
      return {
        say,
        call: { tool: "bash", arguments: { command: `git status --short && git diff --stat && echo ${nth}` } },
      };
  }
}

function chanceFrom(seed: number): Pick {
  const chance = openChance(seed);
  return (from) => {
    const chosen = from[chance(from.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  };
}
