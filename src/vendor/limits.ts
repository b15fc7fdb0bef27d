// Every bound of the scripted vendor, a sentence each.

/** A request body, as received and again after decoding: twice Anthropic's own 32 MB, so that the vendor never refuses first. */
export const maxBodyBytes = 64 * 1024 * 1024;

/** Requests held for ground truth; later ones are answered with 503, so that a test never reads a truncated record as whole. */
export const maxRequests = 10_000;

/** Bytes of bodies held in all; counted and refused in the same way. */
export const maxHeldBytes = 512 * 1024 * 1024;

/** A script file: written by hand, so anything longer is a mistake. */
export const maxScriptCharacters = 1024 * 1024;

/** Steps in a script. */
export const maxSteps = 200;

/** Code points in one delta of a streamed reply: small, so that words and JSON strings are split across events. */
export const deltaLength = 16;

/** Nested levels of an announced tool's schema that are filled in. */
export const maxSchemaDepth = 4;
