// A stream of bytes on its way to the tool, watched for real credentials, wherever its chunks are cut.

export interface Sieve {
  /**
   * What may go on now; `undefined`: a real credential was met, nothing more may go on. Holds back what could be the beginning of
   * one, and by nothing it holds back shows how one begins.
   */
  readonly push: (chunk: Buffer) => Buffer | undefined;
  /** What was still held back, once the stream has ended. */
  readonly end: () => Buffer;
}

export type OpenSieve = () => Sieve;
