// How much of a stream's end waits while more of it may come: as much as is one long word, whatever the word says. Were only what
// begins like a real value held back, whoever can have a text of his own sent in would learn by what is late, octet after octet, how the
// value goes on; from a server, too, that never had it.

/** What tokens are written in, and every form of them; what passwords are; what else a header may hold; anything. */
const alphabets = [/[A-Za-z0-9+/=_.~:%\\-]/, /[\x21-\x7e]/, /[\x20-\x7e\x80-\xff]/, /[\s\S]/].map((alphabet) =>
  Uint8Array.from({ length: 256 }, (_, octet) => (alphabet.test(String.fromCharCode(octet)) ? 1 : 0)),
);

/** For a stream in which these are sought: how many octets at its end wait. What begins one of them is always among those. */
export function tailFor(sought: readonly Buffer[]): (bytes: Buffer) => number {
  const longest = Math.max(...sought.map(({ length }) => length));
  const word = alphabets.find((alphabet) => sought.every((bytes) => bytes.every((octet) => alphabet[octet] === 1)));
  return (bytes) => {
    const most = Math.min(longest - 1, bytes.length);
    let size = 0;
    while (size < most && word?.[bytes[bytes.length - 1 - size] ?? 0] === 1) size += 1;
    return size;
  };
}
