// Who waits to be covered: one at a time, for each cover is a program of its own, and each name once, so that a tool that
// makes one name again and again does not make the line longer.

export interface Come {
  /** From the checkout's root. Attacker-controlled. */
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly rule: string;
  /** It was hidden at the start, and goes before all others. */
  readonly known: boolean;
  /** Another file may have taken the covered one's name. */
  readonly fresh: boolean;
}

export interface CoverLine {
  readonly add: (come: Come) => void;
  /** Those that may be uncovered. Nobody has his turn any more. */
  readonly finish: () => readonly Come[];
}

/** `cover` never rejects; true: nothing of it is shown. */
export function lineUp(cover: (come: Come) => Promise<boolean>): CoverLine {
  const [before, rest] = [new Map<string, Come>(), new Map<string, Come>()];
  const done = new Set<string>();
  let working: Come | undefined;
  const next = (): Come | undefined => {
    const come = before.values().next().value ?? rest.values().next().value;
    if (come !== undefined) (come.known ? before : rest).delete(come.path);
    return come;
  };
  const go = async (): Promise<void> => {
    for (working = next(); working !== undefined; working = next()) if (await cover(working)) done.add(working.path);
  };
  return {
    add: (come) => {
      const line = come.known ? before : rest;
      line.set(come.path, { ...come, fresh: come.fresh || line.get(come.path)?.fresh === true });
      if (working === undefined) void go();
    },
    finish: () => {
      const left = [...(working === undefined ? [] : [working]), ...before.values(), ...rest.values()];
      before.clear();
      rest.clear();
      return left.filter(({ path, known, fresh }) => fresh || !(known || done.has(path)));
    },
  };
}
