// AssemblyScript. How numbers are made of octets, for lines and passages alike.

/** MurmurHash3's last step: every bit of the number moves every other. */
export function mixed(number: u32): u32 {
  let mixing = number;
  mixing = (mixing ^ (mixing >>> 16)) * 0x85ebca6b;
  mixing = (mixing ^ (mixing >>> 13)) * 0xc2b2ae35;
  return mixing ^ (mixing >>> 16);
}

/** An octet of a line's shape, by its place in fours: of what is written otherwise few sums are the same. */
export function weigh(octet: u32, place: u32): u32 {
  return octet << (place & 3);
}
