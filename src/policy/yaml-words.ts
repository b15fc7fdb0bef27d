// What the YAML library reports → words for a person who has never read the YAML specification.

import type { YAMLError } from "yaml";
import { visible } from "./fault.ts";
import type { Told } from "./syntax.ts";

const yamlWords: Readonly<Partial<Record<YAMLError["code"], Told>>> = {
  TAB_AS_INDENT: {
    message: "a tab stands where YAML wants spaces",
    hint: "indent with two spaces",
    example: 'files:\n  write: ["."]',
  },
  DUPLICATE_KEY: { message: "the key stands here a second time", hint: "one of the two would be lost: join them" },
  BAD_INDENT: {
    message: "the indentation fits no line above",
    hint: "lines of one list or map begin in one column",
    example: "network:\n  allow:\n    - host: api.example.com",
  },
  MISSING_CHAR: {
    message: "a closing bracket, quote or comma is missing",
    hint: "close what the lines above have opened",
    example: 'files:\n  read: ["~/.gitconfig"]',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a key and its value do not fit on one line here",
    hint: "begin the nested key on a line of its own",
    example: 'files:\n  write: ["."]',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: "a key goes over several lines",
    hint: "is the colon missing on the line before?",
    example: "mode: enforce",
  },
  BAD_SCALAR_START: {
    message: "a value cannot begin with this character",
    hint: "put it in quotes",
    example: 'why: "@team asked"',
  },
  BAD_DQ_ESCAPE: {
    message: "an unknown escape after a backslash",
    hint: "use single quotes where a backslash is meant",
  },
  NON_STRING_KEY: { message: "a key is not plain text", hint: "keys are words: network, files" },
  UNEXPECTED_TOKEN: {
    message: "this does not belong here",
    hint: "is a colon, a dash or a quote missing before it?",
    example: "mode: enforce",
  },
};

const colonless: Told = {
  message: "a key without its colon",
  hint: "write a colon and a space after the key",
  example: "mode: enforce",
};

export function sayYaml(error: YAMLError): Told {
  if (/^Implicit map keys? need/.test(error.message)) return colonless;
  const told = yamlWords[error.code];
  if (told !== undefined) return told;
  const said = visible(error.message.split("\n", 1)[0] ?? "").toLowerCase();
  return { message: "this is not YAML", hint: said.replace(/ at line .*$/, "") };
}
