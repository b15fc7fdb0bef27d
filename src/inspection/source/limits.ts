// Every bound of the fingerprints, a sentence each.

/** Normalised octets in one fingerprinted passage. */
export const passage = 24;
/** Of so many passages that follow each other one is kept: a copy of `passage + reach - 1` octets always shares one. */
export const reach = 12;
/** Of one passage so many files are known, those whose keyed names come first; more would make common boilerplate slow. */
export const sharers = 8;
/** A search of one table that has seen so many fours of places ends: a passage is then missed, never sought without end. */
export const probes = 256;
/** Share of a table's places that may be taken. */
export const fill = 0.84;
/** Places of the smallest table. */
export const leastPlaces = 4096;

/** Lines in all files together: the reference in a place has 24 bits. */
export const allLines = 2 ** 24;
/** Octets of tables and lines together; a file that would need more is omitted and named. */
export const indexOctets = 512 * 2 ** 20;
/** Octets of one file; more is data, not what somebody wrote. */
export const fileOctets = 4 * 2 ** 20;
/** Octets of a line on average, from which a file counts as minified. */
export const averageLine = 400;

/** A file of so few normalised octets is also known by all of it, and found where it is given whole and alone. */
export const smallFile = 512;
/** Below this even a file given whole is not told from chance. */
export const leastWhole = 16;

/** Octets of a text looked at together: memory does not grow with the text. */
export const slice = 2 ** 18;
/** Octets carried over to the next text of a message, and taken from its beginning, so that a cut hides nothing. */
export const seam = 512;
/** How often a text is unescaped: JSON in JSON in JSON. */
export const depth = 3;
/** Line comparisons a slice may cost, for each of its lines and at least; then what is left is found by fingerprints alone. */
export const comparisonsPerLine = 64;
export const leastComparisons = 65_536;
/** Lines by which two finds may be apart, in the text or the file, and still speak for one passage. */
export const apart = 10;
/** Changed lines between two finds at the same distance that are taken for the file's own, renamed. */
export const changedBetween = 3;
/** Lines between two passages of which the second is among the next so many of the text: little can stand between them. */
export const followed = 5;
export const following = 3;
/** Chains begun at once in one file. */
export const openChains = 8;
/** Normalised octets a chain must have in common with the file: of lines that are alike, and half of those alike in part. */
export const leastOctets = 40;
/** Or so many of lines that are alike, octets enough for more than `break` and brackets, in a find of which no passage is left. */
export const plentyOctets = 160;
/** Passages of a find that are looked up; then its lines are not asked about again. */
export const proving = 8;
/** Files named beside the one that was found, which hold the same lines. */
export const alsoNamed = 16;
