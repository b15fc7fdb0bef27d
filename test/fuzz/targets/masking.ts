// What a masked file is shown as: masked once more it is the same, so that whatever stands for a value is a placeholder; and no
// long word of the file stays but where it is a key.

import { maskFile } from "../../../src/review/veil/mask/mask.ts";
import { latin1, type Target } from "../target.ts";

const names = [".env", "a.json", "a.yaml", "a.toml", "a.ini", "a.properties", "credentials"] as const;

/** A character a key may be made of in every format, and as many as nobody types. */
const word = /[A-Za-z0-9]{20,}/g;

function run(bytes: Buffer): string {
  const name = names[(bytes[0] ?? 0) % names.length] ?? ".env";
  const content = bytes.subarray(1);
  const masked = maskFile(name, content);
  if (masked === undefined) return `${name} hidden`;
  const again = maskFile(name, Buffer.from(masked));
  if (again !== masked)
    throw new Error(`${name}: masked again it is ${JSON.stringify(again)} and was ${JSON.stringify(masked)}`);
  for (const [long] of content.toString().matchAll(word)) {
    const key = new RegExp(`${long}[^\\n]{0,400}?["']?\\s*[=:\\]]`).test(masked);
    if (masked.includes(long) && !key) throw new Error(`${name}: ${long} stays`);
  }
  return `${name} ${masked.includes("postern-masked-") ? "masked" : "without a text"}`;
}

const seed = (at: number, text: string): Buffer => latin1(String.fromCharCode(at) + text);

export const target: Target = {
  seeds: [
    seed(0, "export A='x y'\nB=1\n# why\nC=\"one\ntwo\"\n"),
    seed(1, '{"a":["b",1,true,null,{"c":"d"}]}'),
    seed(2, "a: b\nc:\n  - d\n  - e: |\n      f\n---\ng: 1\n"),
    seed(3, 'a = "b"\n[c.d]\ne = [1, 2]\nf = 1979-05-27\n[[g]]\nh = 1.5\n'),
    seed(4, "[a]\nb = c\n  d\ne: f ; g\n"),
    seed(5, "a=b \\\n c\nd: e\n! f\n"),
    seed(6, "[default]\nkey = abc/def\n"),
  ],
  words: [
    "\n",
    "=",
    ": ",
    '"""',
    "'''",
    "\\",
    "- ",
    "? ",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "!!str ",
    "export ",
    "[[",
    "]]",
    "A".repeat(24),
    "0x",
    "\r",
  ],
  longest: 400,
  run,
};
