// A block of a history, looked up in what was delivered.

import { type Block, squeezed, textOf, writtenOf } from "./blocks.ts";
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

export interface Place {
  readonly person: number;
  /** In a conversation of which nothing was told here yet: all of it is taken for what it says, and stays that. */
  readonly isFirst: boolean;
}

/**
 * `behind`: what stands before it. What was delivered there stays so until a reply is told otherwise; in a conversation of which nothing
 * was told here yet as well, for it was delivered to the same person.
 */
export function place(memory: Memory, block: Block, behind: number | undefined, where: Place): Placed {
  const { firm } = block;
  const { restated } = memory;
  const isFirm = firm?.restated === restated && firm.person === where.person && firm.behind === behind;
  return isFirm ? firm.placed : lookUp(memory, block, behind, where);
}

function lookUp(memory: Memory, block: Block, behind: number | undefined, { person, isFirst }: Place): Placed {
  const placed = (name: number, state: State, edited = false): Placed => ({ block, name, state, edited });
  const own = memory.meant(memory.nameOf(block));
  const isText = block.what === "text";
  if (isText && isFirst) return placed(own, memory.isKnownTo(person, own) ? "known" : "unknown");
  const isOthers = memory.known(own) !== undefined;
  const isMeant = !isText || (isOthers && memory.standsBehind(own, behind));
  const isKnown = isOthers && memory.isKnownTo(person, own);
  if (isMeant && isKnown) {
    const found = placed(own, "known");
    block.firm = { placed: found, behind, person, restated: memory.restated };
    return found;
  }
  const accepted = memory.accepted(person, own);
  // what was told here before is more likely meant than whatever else it could be
  if (isText && accepted !== undefined) return placed(own, isOthers ? "known" : accepted);
  const begun = isMeant ? undefined : memory.beginningBehind(behind, () => textOf(block));
  if (begun !== undefined) return placed(begun, "known");
  if (isKnown || (isOthers && accepted !== undefined)) return placed(own, "known");
  const called = memory.called(block.call?.call);
  if (called?.open === true && called.tool === block.call?.tool) return placed(called.name, "known");
  const found = isText ? findText(memory, person, block) : undefined;
  if (found !== undefined) return placed(found, "known");
  // delivered to others, and to nobody here
  if (isOthers) return placed(own, "unknown");
  const isBeyond = memory.full || (isText && memory.isTired);
  return placed(own, accepted ?? (isBeyond ? "unheard" : "unknown"), called !== undefined);
}

/** Some tell thoughts as texts; some keep the beginning of a text that was cut. */
function findText(memory: Memory, person: number, block: Block): number | undefined {
  // of one that stands alone nothing would be left
  const isOne = block.texts.length === 1;
  const texts = isOne ? block.texts : block.texts.filter(({ text }) => !memory.isThought(squeezed(text)));
  if (texts.length < block.texts.length && texts.length > 0) {
    const name = memory.name(writtenOf({ ...block, texts }));
    if (memory.isKnownTo(person, name)) return name;
  }
  return memory.beginningOf(() => textOf(block));
}

export const turnsOf = (blocks: readonly Placed[]): number => new Set(blocks.map(({ block }) => block.turn)).size;
