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
/** Files of rules for secrets: each is read and compiled at every start. */
export const maxRuleFiles = 16;
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

/** Hosts (with port) of which a learned policy tells: beyond it a session is no session to be learned from. */
export const maxLearnedPlaces = 200;
/** Paths kept of one host: as many as one entry may hold; a person reads no more, and a flood never becomes a wider glob. */
export const maxLearnedPaths = 200;
/** Characters of a path that is granted by what was seen. */
export const maxLearnedPath = 512;
/** Characters of everything that is granted: half of what a policy's file may have, the other half is evidence and other words. */
export const maxLearnedText = 96 * 1024;
/** Characters of what is only proposed. */
export const maxProposedText = 32 * 1024;
/** Lines of each list of what was refused or cannot be granted. */
export const maxToldLines = 40;
/** Programs named for one line; a person looks at the first. */
export const maxToldPrograms = 3;
/** Sessions joined into one policy. */
export const maxLearnedSessions = 50;
