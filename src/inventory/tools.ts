// Which of the tools that Postern knows are here. Enters: the caller's surroundings; leaves: one line a command, with the
// file that typing it would start. A program of the same name that npm installed as something else is none of them.

import { Fault } from "../domain/fault.ts";
import { type Profile, profiles } from "../policy/profile.ts";
import { type Context, identify } from "./installation.ts";
import { findCommand, type InventoryFault } from "./search.ts";

export interface FoundTool {
  /** As it is typed. */
  readonly command: string;
  /** Undefined where Postern does not know it. */
  readonly profile: Profile | undefined;
  /** What PATH gives for it. */
  readonly found: string;
  readonly version: string | undefined;
  /** Why it would not run inside as things stand, such as a version manager that has to be asked. */
  readonly obstacle: InventoryFault | undefined;
}

export function findKnownTools(context: Context): readonly FoundTool[] {
  return profiles.flatMap((profile) =>
    profile.commands.flatMap((command) => {
      const tool = findTool(command, context);
      return tool instanceof Fault || tool.profile === undefined ? [] : [tool];
    }),
  );
}

/** `not-found` or `not-executable` where there is none. */
export function findTool(command: string, context: Context): FoundTool | InventoryFault {
  const found = findCommand(command, context.path, context.directory);
  if (found instanceof Fault) return found;
  const identity = identify(command, context);
  const [known, obstacle] = identity instanceof Fault ? [undefined, identity] : [identity, undefined];
  const profile = profiles.find(({ commands }) => commands.includes(command));
  const other = known?.packageName !== undefined && profile?.packages.includes(known.packageName) === false;
  return { command, profile: other ? undefined : profile, found, version: known?.version, obstacle };
}
