// What git hands to whoever signs (gitformat-signature(5)): the content of a commit or an annotated tag, without its own
// signature. Pure. *Attacker-controlled*: strict, so that no other text a person could be held to is ever signed as one.

import type { SignedObject } from "../../domain/git-desk.ts";

const oid = "[0-9a-f]{40}(?:[0-9a-f]{24})?";
const who = "[^\\n<>]{0,500} ?<[^\\n<>]{0,500}> -?[0-9]{1,20} [+-][0-9]{4}";
/** One header over several lines: those after the first begin with a blank. */
const longer = "[^\\n]*(?:\\n [^\\n]*)*";
const commit = new RegExp(
  `^tree ${oid}\\n(?:parent ${oid}\\n){0,64}author ${who}\\ncommitter ${who}\\n(?:encoding [A-Za-z0-9._:-]{1,40}\\n)?(?:mergetag ${longer}\\n){0,16}\\n`,
);
const tag = new RegExp(`^object ${oid}\\ntype (?:commit|tree|blob|tag)\\ntag [^\\n\\0 ]{1,1000}\\ntagger ${who}\\n\\n`);

export function parseSigned(bytes: Buffer): SignedObject | string {
  if (bytes.includes(0)) return "it is no text";
  // one character a byte: any encoding a commit may have
  const text = bytes.toString("latin1");
  const kind = text.startsWith("tree ") ? "commit" : "tag";
  const [head] = (kind === "commit" ? commit : tag).exec(text) ?? [];
  if (head === undefined) return "it is neither a commit nor a tag of git's";
  const [subject = ""] = text.slice(head.length).split("\n", 1);
  return { kind, text, subject: Buffer.from(subject, "latin1").toString("utf8").slice(0, 500) };
}
