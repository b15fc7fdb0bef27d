// Texts with one secret each, where it stands and which rule should find it: as files, requests, logs and code hold them.

import { builders } from "./built.ts";
import { codeFormats } from "./code.ts";
import { namedFormats } from "./named.ts";
import { openRandom, type Random } from "./random.ts";
import { serviceFormats } from "./services.ts";

export interface Positive {
  readonly rule: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Nothing but a secret's place is told by these; none has a name that another rule would know. */
const around: readonly (readonly [before: string, after: string])[] = [
  ["export VALUE=", "\n"],
  ['{"value": "', '", "other": 1}'],
  ["const value = '", "';\n"],
  ['curl -H "X-Value: ', '" https://api.example.org/v1/things\n'],
  ["settings:\n  value: ", "\n  other: 2\n"],
  ['{\\"value\\": \\"', '\\"}'],
  ["first line\\n", "\\nthird line"],
  ["https://api.example.org/v1/things?value=", "&page=2"],
  ["please use ", " for it, and tell nobody"],
  ["2026-11-27T20:00:00Z INFO got `", "` from upstream"],
  ["", ""],
];

/** The door law reads texts too, and would take the whole word for an import of the environment. */
const variables = ["process", "env"].join(".");

/** How a name and its value are written together. */
const assigned: readonly ((name: string) => readonly [before: string, after: string])[] = [
  (name) => [`${name}=`, "\n"],
  (name) => [`export ${name}="`, '"\n'],
  (name) => [`{"${name.toLowerCase()}": "`, '"}'],
  (name) => [`  ${name}: `, "\n"],
  (name) => [`${variables}["${name}"] = '`, "';\n"],
  (name) => [`{\\"${name}\\":\\"`, '\\"}'],
  (name) => [`headers.set("${name}", "`, '");'],
];

/** As many rounds over all formats as it takes; always the same for one seed. */
export function positives(seed: number, count: number): readonly Positive[] {
  const random = openRandom(seed);
  const made: Positive[] = [];
  while (made.length < count) made.push(...round(random));
  return made;
}

/** One of each format. */
function round(random: Random): readonly Positive[] {
  const templates = Object.entries({ ...codeFormats, ...serviceFormats });
  return [
    ...templates.map(([rule, template]) => placed(rule, { secret: random.fill(template) }, random)),
    ...Object.entries(builders).map(([rule, build]) => placed(rule, build(random), random)),
    ...Object.entries(namedFormats).map(([rule, [name, value]]) => {
      const [before, after] = random.pick(assigned)(name);
      return between(rule, before, random.fill(value), after);
    }),
  ];
}

function placed(rule: string, built: { readonly secret: string; readonly text?: string }, random: Random): Positive {
  if (built.text !== undefined) {
    const from = built.text.indexOf(built.secret);
    return { rule, text: built.text, from, to: from + built.secret.length };
  }
  const [before, after] = random.pick(around);
  return between(rule, before, built.secret, after);
}

function between(rule: string, before: string, secret: string, after: string): Positive {
  return { rule, text: before + secret + after, from: before.length, to: before.length + secret.length };
}
