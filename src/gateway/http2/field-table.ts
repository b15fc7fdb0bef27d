// The tables of header fields both ends of a connection share: the fixed one (RFC 7541 Appendix A), and the one a sender fills
// and a receiver follows (§2.3.2, §4). Bounded by octets; the oldest go first.

const fixed = [
  ":authority| ;:method|GET;:method|POST;:path|/;:path|/index.html;:scheme|http;:scheme|https;:status|200;:status|204",
  ":status|206;:status|304;:status|400;:status|404;:status|500;accept-charset;accept-encoding|gzip, deflate",
  "accept-language;accept-ranges;accept;access-control-allow-origin;age;allow;authorization;cache-control",
  "content-disposition;content-encoding;content-language;content-length;content-location;content-range;content-type",
  "cookie;date;etag;expect;expires;from;host;if-match;if-modified-since;if-none-match;if-range;if-unmodified-since",
  "last-modified;link;location;max-forwards;proxy-authenticate;proxy-authorization;range;referer;refresh;retry-after",
  "server;set-cookie;strict-transport-security;transfer-encoding;user-agent;vary;via;www-authenticate",
]
  .join(";")
  .split(";")
  .map((line) => ({ name: line.split("|")[0] ?? "", value: line.split("|")[1]?.trim() ?? "" }));

const whole = new Map(fixed.map(({ name, value }, at) => [`${name}\n${value}`, at + 1]));
// the first of a name counts
const named = new Map(fixed.map(({ name }, at) => [name, at + 1] as const).toReversed());

/** Index of exactly this field in the fixed table, from 1. */
export function fixedField(name: string, value: string): number | undefined {
  return whole.get(`${name}\n${value}`);
}

/** Index of a field of this name. */
export function fixedName(name: string): number | undefined {
  return named.get(name);
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

/** What a field counts for, beside its text (RFC 7541 §4.1; RFC 9113 §6.5.2). */
export const fieldCost = 32;

/** A receiver's: the fixed table, and behind it what the sender had it remember, the latest first. */
export class FieldTable {
  readonly #kept: Field[] = [];
  #size = 0;
  #bound: number;

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** From 1. Attacker-controlled. */
  at(index: number): Field | undefined {
    return index <= fixed.length ? fixed[index - 1] : this.#kept[this.#kept.length - (index - fixed.length)];
  }

  add(field: Field): void {
    const size = field.name.length + field.value.length + fieldCost;
    this.#makeRoom(size);
    // what is larger than the table empties it (§4.4)
    if (size > this.#bound) return;
    this.#kept.push(field);
    this.#size += size;
  }

  resize(bound: number): void {
    this.#bound = bound;
    this.#makeRoom(0);
  }

  #makeRoom(size: number): void {
    while (this.#kept.length > 0 && this.#size + size > this.#bound) {
      const gone = this.#kept.shift();
      if (gone !== undefined) this.#size -= gone.name.length + gone.value.length + fieldCost;
    }
  }
}
