// Every bound of what came from outside, a sentence each.

/** Places of the table of what came over the network, of eight octets each: 32 MiB. */
export const networkPlaces = 2 ** 22;
/** Of the one of dependencies: 32 MiB as well. */
export const dependencyPlaces = 2 ** 22;
/** Places a table begins with; it doubles until it is as large as it may be. */
export const firstPlaces = 2 ** 14;
/** Share of a table's places that may be taken. */
export const fill = 0.6;
/** Places that are looked at for one passage; what lies further is missed, never sought without end. */
export const probes = 512;
/** Groups (hosts, packages' directories) that are known of one passage, the first that came. */
export const sharers = 4;
/** Octets of text of one group: a host that sends more pushes out its own, oldest first, and nobody else's. */
export const groupOctets = 2 * 2 ** 20;
/** Of all groups together; beyond it the group that has most gives way. */
export const networkOctets = 8 * 2 ** 20;
export const dependencyOctets = 24 * 2 ** 20;
/** Texts known at once, each with its name. */
export const sources = 32_768;

/** Octets of one text; what is behind them is not looked at, and that is said. */
export const textOctets = 2 ** 20;
/** Different passages of one text, for each of its octets: nobody's text says another thing at each level of quoting. */
export const passagesAnOctet = 0.4;
/** How often a text is unescaped: JSON in JSON in JSON. */
export const depth = 3;
/** Octets of a text looked at together, and those of the slice before it that are looked at again. */
export const slice = 2 ** 18;
export const seam = 512;

/** Normalised octets that may lie between two passages of one stretch: a word was changed, a tag taken out. */
export const apart = 64;
/**
 * Different passages a stretch must have, and normalised octets they must cover: of a text a sentence; of code more, for it is full of
 * what everybody writes.
 */
export const evidence = {
  text: { passages: 4, octets: 56 },
  code: { passages: 12, octets: 200 },
} as const;
