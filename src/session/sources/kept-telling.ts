// All files that an earlier session read, told at once: in an index that is filled with them here, so that whoever is told takes it over
// and waits for nothing.

import { type Filling, fillStore } from "../../inspection/source/fill.ts";
import type { FilledStore } from "../../inspection/source/fingerprints.ts";
import { openStore } from "../../inspection/source/fingerprints.ts";
import type { Fingerprint, Print, PublicPrint } from "../../inspection/source/print.ts";
import type { KeptFile, Told } from "./desk.ts";
import { nameFor } from "./labels.ts";

export interface TakenFile extends Omit<KeptFile, "heads"> {
  readonly print: Print;
}

export interface KeptTold {
  readonly told: Extract<Told, { readonly kind: "kept" }>;
  /** What is not in it, and told one by one. */
  readonly left: readonly TakenFile[];
}

/** `expected`: octets of files that will be read. */
export function tellKept(key: Uint8Array, taken: readonly TakenFile[], expected: number): KeptTold {
  const store = openStore({ key });
  const left = new Set<Fingerprint | Print>(fillStore(store, taken.flatMap(fillingOf), expected).left.map(printOf));
  const isIn = ({ print }: TakenFile): boolean => print.kind !== "omitted" && !left.has(print);
  const files = taken.filter(isIn).flatMap(({ print, ...file }) => {
    return print.kind === "lines" ? [{ ...file, heads: print.heads }] : [];
  });
  const { keyed: _, ...filled } = store;
  return {
    told: { kind: "kept", filled: filled satisfies FilledStore, files },
    left: taken.filter((one) => !isIn(one)),
  };
}

const printOf = (one: Filling | PublicPrint): Fingerprint | Print => ("kind" in one ? one : one.print);

function fillingOf({ print, ...file }: TakenFile): readonly (Filling | PublicPrint)[] {
  if (print.kind === "omitted") return [];
  if (print.kind === "public") return [print];
  const { label, labels } = file;
  return [{ path: nameFor({ ...file, first: true }), label, weighty: labels.length > 0, print }];
}
