// Fields of one head of HTTP/2, attacker-controlled → its pseudo-fields and its headers, or why two readers could read it in
// two ways. RFC 9113 §8.2, §8.3. Requests, replies and trailers alike.

export interface Split {
  /** Name and value alternating, order as received. */
  readonly pseudo: readonly string[];
  readonly headers: readonly string[];
}

/** What says how a message is carried, on a wire that says so itself (§8.2.2). */
const carrying = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);
const name = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const value = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** `known`: pseudo-fields that may stand there, each once, before everything else. */
export function splitFields(list: readonly string[], known: readonly string[]): Split | string {
  const pseudo: string[] = [];
  const headers: string[] = [];
  for (let at = 0; at < list.length; at += 2) {
    const [key, said] = [list[at] ?? "", list[at + 1] ?? ""];
    if (!value.test(said)) return "a value with octets that may not stand in it, or a blank at its ends";
    if (key.startsWith(":")) {
      if (headers.length > 0 || !known.includes(key) || pseudo.includes(key)) return "a pseudo-field out of its place";
      pseudo.push(key, said);
      continue;
    }
    if (!name.test(key)) return "a field's name that is none, or not in lower case";
    if (carrying.has(key) || (key === "te" && said.toLowerCase() !== "trailers")) return "a field about the connection";
    headers.push(key, said);
  }
  return { pseudo, headers };
}

/** The value of a pseudo-field. */
export function pseudoOf({ pseudo }: Split, key: string): string | undefined {
  for (let at = 0; at < pseudo.length; at += 2) if (pseudo[at] === key) return pseudo[at + 1];
  return undefined;
}
