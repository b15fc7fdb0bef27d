// How varied a string is, and what people write where a secret would stand.

/** Shannon's entropy over UTF-16 units, bits a unit. */
export function entropyOf(text: string): number {
  const counts = new Map<number, number>();
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

// Long enough that a random token of 40 letters and digits holds one of them less than once in a million.
const placeholders =
  /example|placeholder|xxxxx|redacted|changeme|change_me|your[_-]|_here\b|-here\b|insert[_-]|dummy|\*\*\*|\.\.\.|01234567|12345678|abcdefgh|<[a-z]|\$\{/i;

/** A documentation's stand-in for a secret. */
export function isPlaceholder(secret: string): boolean {
  return placeholders.test(secret);
}
