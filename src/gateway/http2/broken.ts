// A frame that may not be: why, for the record, and the code the other end is told (RFC 9113 §5.4.1, §7).

export interface Broken {
  readonly code: number;
  readonly why: string;
}

export function broken(code: number, why: string): Broken {
  return { code, why };
}
