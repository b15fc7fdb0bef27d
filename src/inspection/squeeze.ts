// A text without white space, and where what is left of it stood. *Attacker-controlled*; pure, one pass.

const isSpace = (octet: number): boolean => octet === 0x20 || (octet > 0x08 && octet < 0x0e);

/** Without ASCII's white space. */
export function squeezed(octets: Buffer): Buffer {
  const plain = Buffer.allocUnsafe(octets.length);
  let size = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    plain[size] = octet;
    if (!isSpace(octet)) size += 1;
  }
  return plain.subarray(0, size);
}

/** Of each octet that is no white space: at which UTF-16 unit of the text its character begins, or has its second half. */
export function unitsOf(octets: Buffer, size: number): Uint32Array {
  const units = new Uint32Array(size);
  let [unit, to] = [-1, 0];
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    const isLead = (octet & 0xc0) !== 0x80;
    // the second half of a pair stands with the last of four octets
    if (isLead || (octets[at - 3] ?? 0) >= 0xf0) unit += 1;
    if (isSpace(octet)) continue;
    units[to] = unit;
    to += 1;
  }
  return units;
}
