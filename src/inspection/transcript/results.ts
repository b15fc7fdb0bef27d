// Results in a history whose call was never delivered.

import type { Result } from "./blocks.ts";
import type { Memory } from "./memory.ts";
import type { Placed } from "./placed.ts";

interface Held {
  readonly blocks: readonly Placed[];
  readonly person: number;
  /** Results before so many blocks may be of calls that were cut off, or of a conversation begun elsewhere. */
  readonly begun: number;
}

export function orphans(memory: Memory, results: readonly Result[], held: Held): readonly Result[] {
  // most are of calls that were delivered
  let found: ReturnType<typeof callsOf> | undefined;
  const calls = () => (found ??= callsOf(held.blocks));
  return results.filter((result) => {
    const { call, tool, at } = result;
    if (result.delivered === true) return false;
    if (memory.full || (call === undefined && tool === undefined)) return false;
    result.delivered = call === undefined ? memory.hasTool(tool ?? "") : memory.called(call) !== undefined;
    if (result.delivered) return false;
    const state = call === undefined ? calls().tools.get(tool ?? "") : calls().ids.get(call);
    if (state !== undefined && state !== "unknown") return false;
    const name = `result\0${call ?? tool ?? ""}`;
    if (memory.accepted(held.person, name) !== undefined) return false;
    if (state === "unknown" || at > held.begun) return true;
    memory.accept(held.person, name, "before");
    return false;
  });
}

/** Of calls in the history, by identifier and by tool; a tool that was called as it was delivered stays so. */
function callsOf(blocks: readonly Placed[]) {
  const ids = new Map<string, Placed["state"]>();
  const tools = new Map<string, Placed["state"]>();
  for (const { block, state } of blocks) {
    const { call: id, tool } = block.call ?? {};
    if (id !== undefined) ids.set(id, state);
    if (tool !== undefined && (tools.get(tool) ?? "unknown") === "unknown") tools.set(tool, state);
  }
  return { ids, tools };
}
