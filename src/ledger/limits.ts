// Every bound of the ledger, a sentence each.

/** Hard bound on a leaf in bytes: an entry of a C2SP tlog-tiles bundle carries a 16-bit length. */
export const leafBytes = 65_535;

/** Sealed parts of one entry: at about 200 bytes a commitment the leaf stays within its hard bound. */
export const sealedParts = 256;

/** Sealed content of one entry as JSON, in bytes: refused beyond; whoever seals a body cuts it into spans first. */
export const sealedBytes = 1_048_576;

/** Keys in one entry's counts. */
export const countKeys = 64;

/** Characters of a rule or grant id. */
export const ruleLength = 128;

/** Entries in one transaction: bounds how long one session keeps the others waiting. */
export const groupEntries = 512;

/** Entries a session writes in the thread that appends them; with more to come, a thread of its own is worth its start. */
export const ownThread = 16;

/** Sealed bytes waiting for the disk in one session; beyond, appends are refused at once instead of filling memory. */
export const pendingBytes = 67_108_864;

/** Entries waiting for the disk in one session, for the same reason. */
export const pendingEntries = 65_536;

/** Milliseconds a writer waits for the lock before it gives up: a holder that was stopped must not hold everybody for ever. */
export const lockWait = 30_000;

/** Milliseconds, on average, between two looks at a lock that is taken: a tenth or so of a transaction. */
export const lockPause = 0.2;

/** Milliseconds of looking before what arrived meanwhile is taken in. */
export const lockPatience = 20;

/** Milliseconds after meeting another writer at the lock during which a session takes turns instead of writing at once. */
export const crowdMemory = 250;

/** Milliseconds between two groups of one session while it takes turns; half of it, on average, between two attempts. */
export const turnPause = 4;

/**
 * Milliseconds an entry that nobody waits for may wait for company: a transaction costs as much for one as for ten, and whoever asks for one
 * that is waited for waits behind it. Longer than a tool takes to ask again.
 */
export const soonPause = 20;

/** Milliseconds between two groups of a session whose last one served several callers: those who come meanwhile share the next. */
export const gatherPause = 1;

/** Bytes of a signed note we read: a checkpoint with a body of a few lines and its signatures. */
export const noteBytes = 65_536;

/** Signature lines of one note; signed-note asks verifiers for at least 16. */
export const noteSignatures = 64;

/** Bytes of the key file, the name table or any other small file of the state directory. */
export const smallFileBytes = 16_777_216;

/** Signatures handed to the thread pool at a time while verifying. */
export const signatureBatch = 512;

/** Heads remembered while verifying, before the store is asked again. */
export const recentHeads = 4096;
