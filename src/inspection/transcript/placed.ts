// A block of a history, looked up in what was delivered.

import { type Block, squeezed, textOf } from "./blocks.ts";
import type { Memory } from "./memory.ts";

/** `before`: of a conversation that was begun elsewhere; `unheard`: it may have come in a reply that is not known. */
export type State = "known" | "before" | "unheard" | "unknown";

export interface Placed {
  readonly block: Block;
  /** What it is compared by. */
  readonly name: number;
  state: State;
  /** A call whose identifier was delivered with another call. */
  readonly edited: boolean;
}

/** `behind`: what stands before it. */
export function place(memory: Memory, person: number, block: Block, behind: number | undefined): Placed {
  const placed = (name: number, state: State, edited = false): Placed => ({ block, name, state, edited });
  const own = memory.meant(memory.nameOf(block));
  const isText = block.what === "text";
  const isMeant = !isText || memory.standsBehind(own, behind);
  const begun = isMeant ? undefined : memory.beginningBehind(behind, () => textOf(block));
  if (begun !== undefined) return placed(begun, "known");
  if (memory.isKnownTo(person, own)) return placed(own, "known");
  const accepted = memory.accepted(person, own);
  const isOthers = memory.known(own) !== undefined;
  if (isOthers && accepted !== undefined) return placed(own, "known");
  const called = memory.called(block.call?.call);
  if (called?.open === true && called.tool === block.call?.tool) return placed(called.name, "known");
  const found = isText ? withoutThoughts(memory, block) : undefined;
  if (found !== undefined) return placed(found, "known");
  // what was told here before is more likely meant than a beginning of what was cut elsewhere
  const cut = isText && accepted === undefined ? memory.beginningOf(textOf(block)) : undefined;
  if (cut !== undefined) return placed(cut, "known");
  // delivered to others, and to nobody here
  if (isOthers) return placed(own, "unknown");
  const isBeyond = memory.full || (isText && memory.isTired);
  return placed(own, accepted ?? (isBeyond ? "unheard" : "unknown"), called !== undefined);
}

/** Some tell thoughts as texts. */
function withoutThoughts(memory: Memory, block: Block): number | undefined {
  if (block.texts.length === 1) return undefined;
  const texts = block.texts.filter(({ text }) => !memory.isThought(squeezed(text)));
  if (texts.length === block.texts.length || texts.length === 0) return undefined;
  const name = memory.nameOf({ ...block, texts });
  return memory.known(name) === undefined ? undefined : name;
}

export const turnsOf = (blocks: readonly Placed[]): number => new Set(blocks.map(({ block }) => block.turn)).size;
