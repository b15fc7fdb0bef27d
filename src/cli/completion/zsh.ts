// An outline → zsh's completion, a function a command.

import { everyOutline, type Flag, type Outline, type Place } from "./outline.ts";

export function completeInZsh(top: Outline): string {
  return `#compdef postern
# zsh completion for postern:  source <(postern completion zsh)
${everyOutline(top).map(functionFor).join("\n")}
compdef _postern postern
`;
}

function functionFor(each: Outline): string {
  const specs = each.flags.map(flagSpec);
  if (each.commands.length > 0) return commandsFunction(each, specs);
  const places = each.runs
    ? ["'(-):command: _command_names -e'", "'*::arguments: _normal'"]
    : each.arguments.map((place, at) => `'${place.many ? "*" : at + 1}:${wordFor(each)}:${actionFor(place)}'`);
  return `${nameOf(each)}() {\n  _arguments ${[...specs, ...places].join(" \\\n    ")}\n}`;
}

function commandsFunction(each: Outline, specs: readonly string[]): string {
  const named = each.commands.map((one) => [one.path.split(" ").at(-1) ?? "", one] as const);
  const list = named.map(([name, { description }]) => quoted(`${name}:${description}`));
  return `${nameOf(each)}() {
  local curcontext=$curcontext state line
  local -a commands=(${list.join(" ")})
  _arguments -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(" \\\n    ")}
  case $state in
    command) _describe -t commands command commands ;;
    rest) case $words[1] in ${named.map(([name, one]) => `${name}) ${nameOf(one)} ;;`).join(" ")} esac ;;
  esac
}`;
}

function nameOf({ path }: Outline): string {
  return ["_postern", ...path.split(" ").filter((word) => word !== "")].join("_");
}

function wordFor({ path }: Outline): string {
  return path.split(" ").at(-1) ?? "";
}

/** `'(-h --help)'{-h,--help}'[…]'`, or the one name alone. */
function flagSpec({ names, description, value }: Flag): string {
  const text = `[${description.replaceAll(/[[\]\\]/g, String.raw`\$&`)}]`;
  const action = value === undefined ? "" : `:value:${actionFor(value)}`;
  const [name = ""] = names;
  if (names.length === 1) return quoted(`${name}${value === undefined ? "" : "="}${text}${action}`);
  return `'(${names.join(" ")})'{${names.join(",")}}${quoted(`${text}${action}`)}`;
}

function actionFor(place: Place): string {
  if (place.kind === "words") return `(${place.words.join(" ")})`;
  return place.kind === "file" ? "_files" : " ";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
