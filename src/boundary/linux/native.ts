// The few calls Node has no door to, through koffi: the original destination of an accepted socket, pipes, and what a
// pseudo-terminal needs. Loaded once, and only when first needed (7 ms). Failures come back as undefined.

export interface Native {
  /** SO_ORIGINAL_DST of an accepted socket: struct sockaddr_in or sockaddr_in6, undefined where nothing is known. */
  readonly originalDestination: (fd: number, family: 4 | 6) => Buffer | undefined;
  /** A Unix socket that is connected for good: nothing inside can lead it to another end. False of everything else. */
  readonly leadsToOne: (socket: number) => boolean;
  /** Read end and write end, both close-on-exec. */
  readonly pipe: () => readonly [number, number] | undefined;
  /** Unlocks the other end of a `/dev/ptmx` and opens it. */
  readonly openPeer: (master: number) => number | undefined;
  /** Columns and rows of the one terminal for the other. */
  readonly copySize: (from: number, to: number) => void;
  /** struct termios of the kernel: line settings such as erase key and flow control. */
  readonly readSettings: (terminal: number) => Buffer | undefined;
  readonly writeSettings: (terminal: number, settings: Buffer) => void;
}

let loaded: Promise<Native> | undefined;

export function loadNative(): Promise<Native> {
  loaded ??= import("./calls.ts").then(({ openCalls }) => openCalls());
  return loaded;
}
