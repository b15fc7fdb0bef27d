// Our own failures: input and output, configuration, a missing prerequisite. Outcomes (verdicts, findings, invalid
// proofs) are values and never a Fault; bugs are plain errors and crash closed.

export interface FaultDetail<Code extends string> {
  readonly code: Code;
  /** What failed: lower case, no full stop. */
  readonly message: string;
  /** What the person may do about it, a command where there is one. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class Fault<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;

  constructor(detail: FaultDetail<Code>) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = "Fault";
    this.code = detail.code;
    this.hint = detail.hint;
  }
}

/** What the work gives; whatever it throws becomes the cause of this fault. */
export function orFault<Value>(detail: Omit<FaultDetail<string>, "cause">, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw new Fault({ ...detail, cause });
  }
}
