// An outline → fish's completion, a line a flag.

import { everyOutline, type Flag, type Outline, type Place } from "./outline.ts";

export function completeInFish(top: Outline): string {
  const all = everyOutline(top);
  const paths = all.filter(({ path }) => path !== "").map(({ path }) => `'${path}'`);
  return `# fish completion for postern:  postern completion fish | source
function __postern_at
  set -l words (commandline -opc)
  set -l at
  for word in $words[2..]
    if contains -- (string join ' ' $at $word) ${paths.join(" ")}
      set -a at $word
      test "$at" = run; and break
    end
  end
  test "$at" = "$argv"
end
complete -c postern -f
${all.flatMap(linesFor).join("\n")}
`;
}

function linesFor(each: Outline): string[] {
  const at = `-n '${["__postern_at", each.path].join(" ").trim()}'`;
  return [
    ...each.commands.map(
      ({ path, description }) => `complete -c postern ${at} -a ${path.split(" ").at(-1)} -d ${quoted(description)}`,
    ),
    ...each.flags.map((flag) => `complete -c postern ${at} ${flagWords(flag)} -d ${quoted(flag.description)}`),
    ...each.arguments.flatMap((place) => argumentLine(at, place)),
    ...(each.runs ? [`complete -c postern ${at} -x -a '(__fish_complete_subcommand --fcs-skip=2)'`] : []),
  ];
}

function flagWords({ names, value }: Flag): string {
  const words = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  if (value === undefined) return words.join(" ");
  return [
    ...words,
    value.kind === "file" ? "-r -F" : value.kind === "words" ? `-x -a '${value.words.join(" ")}'` : "-x",
  ].join(" ");
}

function argumentLine(at: string, place: Place): string[] {
  if (place.kind === "words") return [`complete -c postern ${at} -a '${place.words.join(" ")}'`];
  return place.kind === "file" ? [`complete -c postern ${at} -F`] : [];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
