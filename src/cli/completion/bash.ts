// An outline → bash's completion. What follows the tool of `postern run` is that tool's: files are offered there.

import { everyOutline, type Flag, type Outline, type Place } from "./outline.ts";

export function completeInBash(top: Outline): string {
  const all = everyOutline(top);
  const paths = all.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  return `# bash completion for postern:  source <(postern completion bash)
_postern() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} at= each i
  for ((i = 1; i < COMP_CWORD; i++)); do
    each=\${COMP_WORDS[i]}
    case "\${at:+$at }$each" in
      ${paths.join(" | ")}) at="\${at:+$at }$each"; continue ;;
    esac
    case "$at $each" in
      ${withValue(all)}) ((i++)) ;;
      "run --") _postern_tool $((i + 1)); return ;;
      "run -"*) ;;
      "run "*) _postern_tool $i; return ;;
    esac
  done
  COMPREPLY=()
  case "$at $before" in
${all.flatMap((each) => each.flags.flatMap((flag) => valueCase(each, flag))).join("\n")}
  esac
  case "$at" in
${all.map(wordsCase).join("\n")}
  esac
}
_postern_tool() {
  COMPREPLY=()
  if (($1 == COMP_CWORD)); then mapfile -t COMPREPLY < <(compgen -c -- "$word"); else compopt -o default; fi
}
complete -F _postern postern
`;
}

function withValue(all: readonly Outline[]): string {
  const patterns = all.flatMap(({ path, flags }) =>
    flags.filter(({ value }) => value !== undefined).flatMap(({ names }) => names.map((name) => `"${path} ${name}"`)),
  );
  return patterns.join(" | ");
}

function valueCase({ path }: Outline, { names, value }: Flag): string[] {
  if (value === undefined) return [];
  return [`    ${names.map((name) => `"${path} ${name}"`).join(" | ")}) ${offer(value, [])}; return ;;`];
}

function wordsCase({ path, flags, commands, runs, arguments: [place] }: Outline): string {
  const words = [...commands.map((each) => each.path.split(" ").at(-1) ?? ""), ...flags.flatMap(({ names }) => names)];
  // a tool's name: commands, but not all of them where nothing of it is typed
  const tool = '[[ $word == "" || $word == -* ]] || _postern_tool $COMP_CWORD';
  return `    "${path}") ${offer(place ?? { kind: "any" }, words)}${runs ? `; ${tool}` : ""} ;;`;
}

function offer(place: Place, words: readonly string[]): string {
  const all = place.kind === "words" ? [...place.words, ...words] : words;
  const file = place.kind === "file" ? "compopt -o default; " : "";
  return `${file}mapfile -t COMPREPLY < <(compgen -W "${all.join(" ")}" -- "$word")`;
}
