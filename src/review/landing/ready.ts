// What a person accepted, made ready to land: looked at once more, bound to what was shown, every content and object
// brought to where it will be needed. Nothing that anybody would notice changes in the checkout.

import { Fault } from "../../domain/fault.ts";
import type { ReviewFault } from "../git.ts";
import type { StagedCopy } from "../staged/record.ts";
import type { Journal } from "./journal.ts";
import { planFiles } from "./plan.ts";
import { planRepositories } from "./repositories.ts";
import { openReview, type Review } from "./review.ts";
import { type Chosen, select, type Wanted } from "./selection.ts";

export interface Acceptance extends Wanted {
  /** Name → digest of each item as it was last shown. */
  readonly shown: Readonly<Record<string, string>>;
}

export type Ready =
  | { readonly kind: "ready"; readonly review: Review; readonly journal: Journal; readonly chosen: readonly Chosen[] }
  | { readonly kind: "refused"; readonly why: string; readonly hint: string }
  /** These are not what was shown; the review as it is now. */
  | { readonly kind: "changed"; readonly review: Review; readonly ids: readonly string[] };

export async function makeReady(copy: StagedCopy, acceptance: Acceptance): Promise<Ready | ReviewFault> {
  const review = await openReview(copy);
  if (review instanceof Fault) return review;
  const selection = select(review, acceptance);
  if (selection.kind === "refused") return selection;
  const chosen = selection.all;
  const ids = chosen.filter(({ item }) => acceptance.shown[item.id] !== item.digest).map(({ item }) => item.id);
  if (ids.length > 0) return { kind: "changed", review, ids };
  const files = await planFiles(copy, chosen);
  if (files instanceof Fault) return files;
  const named = chosen.map(({ item }) => item).filter((item) => item.kind === "reference");
  const repositories = await planRepositories(copy, named);
  if (repositories instanceof Fault) return repositories;
  const accepted = chosen.map(({ item, hunks }) =>
    hunks === undefined ? item.id : `${item.id}#${hunks.map((at) => at + 1).join(",")}`,
  );
  const journal: Journal = { ...files, repositories, direction: "forward", digest: review.digest, accepted };
  return { kind: "ready", review, journal, chosen };
}
