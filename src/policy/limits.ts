// Every bound of this room, a sentence each.

/** A policy a person can read is far smaller; beyond it a file is refused before it is parsed. */
export const maxFileBytes = 256 * 1024;
/** A certificate bundle of a whole system is about 220 KiB. */
export const maxAuthorityBytes = 1024 * 1024;
/** The deepest key of the file stands eight levels down. */
export const maxDepth = 12;
/** Scalars and collections in one file; the YAML library compares every key of a map with every other. */
export const maxNodes = 20_000;
/** Entries of `network.allow` in one file; each is tried for every request. */
export const maxGrants = 1_000;
/** Credentials in one file: each becomes needles sought in every request. */
export const maxCredentials = 100;
/** Rules, tools, labels, services and the like in one file. */
export const maxEntries = 500;
/** Words in one list of strings: paths, methods, ports, globs. */
export const maxWords = 200;
/** Characters of one string. */
export const maxText = 1_024;
/** Stars in one glob: matching costs pattern times text. */
export const maxStars = 8;
/** Faults told of one file; a file with more is told to be mended from the top. */
export const maxFaults = 50;
/** Characters of a source line shown beside a fault. */
export const maxExcerpt = 120;

/** Bytes of one command prefix: half of what of a command's arguments is always read, so that none is cut before it. */
export const maxPrefixBytes = 8_192;
