// What stands in a secret's place: made of the secret and the session's key alone, so that the same secret is the same placeholder in
// every request of a session (a conversation that is sent again stays the octets it was), and from it nothing of the secret can be
// told. Letters, digits and underscores: code that holds one still is code.

export interface Placeholders {
  /** `kind`: says what was there, such as `aws_key`. Remembered for the way back. */
  readonly of: (secret: string, kind: string) => string;
  /** Every one that was made, and what it stands for. */
  readonly all: ReadonlyMap<string, string>;
}

/** HMAC-SHA-256 with the session's key (RFC 2104), given: this room has no keys. */
export type Digest = (text: string) => Buffer;

export const prefix = "PSTN_";
const digits = 16;

/** RFC 4648 §6, without its padding: five bits a letter. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function openPlaceholders(digest: Digest): Placeholders {
  const all = new Map<string, string>();
  return {
    all,
    of: (secret, kind) => {
      const octets = digest(`${kind}\0${secret}`);
      const letters = Array.from({ length: digits }, (_, at) => alphabet[(octets[at] ?? 0) & 31]).join("");
      const placeholder = `${prefix}${kind
        .toUpperCase()
        .replaceAll(/[^A-Z0-9]+/g, "_")
        .slice(0, 20)}_${letters}`;
      all.set(placeholder, secret);
      return placeholder;
    },
  };
}
