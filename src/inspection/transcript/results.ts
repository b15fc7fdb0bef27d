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
  const asked = results.filter((result) => !isDelivered(memory, result));
  if (memory.full || asked.length === 0) return [];
  const { ids, tools } = callsOf(held.blocks, asked);
  return asked.filter(({ call, tool, at }) => {
    if (call === undefined && tool === undefined) return false;
    const state = call === undefined ? tools.get(tool ?? "") : ids.get(call);
    if (state !== undefined && state !== "unknown") return false;
    const name = `result\0${call ?? tool ?? ""}`;
    if (memory.accepted(held.person, name) !== undefined) return false;
    if (state === "unknown" || at > held.begun) return true;
    memory.accept(held.person, name, "before");
    return false;
  });
}

/** What was delivered stays so. */
function isDelivered(memory: Memory, result: Result): boolean {
  const { call, tool } = result;
  result.delivered ||= call === undefined ? memory.hasTool(tool ?? "") : memory.called(call) !== undefined;
  return result.delivered;
}

/** Those that they may be of, by identifier and by tool; a tool that was called as it was delivered stays so. */
function callsOf(blocks: readonly Placed[], results: readonly Result[]) {
  const wanted = new Set(results.map(({ call }) => call));
  const isToolWanted = wanted.has(undefined);
  const ids = new Map<string, Placed["state"]>();
  const tools = new Map<string, Placed["state"]>();
  for (const { block, state } of blocks) {
    const { call: id, tool } = block.call ?? {};
    if (id !== undefined && wanted.has(id)) ids.set(id, state);
    if (isToolWanted && tool !== undefined && (tools.get(tool) ?? "unknown") === "unknown") tools.set(tool, state);
  }
  return { ids, tools };
}
