// Why the whole could not be had, in: does that stay so on this machine? What is not known to stay is not taken to: want of
// memory, processes, descriptors, ports, namespaces or time passes, and a tool, or a line of a repository's policy, can bring it
// about for the next session.

import type { BoundaryFault } from "../contract.ts";
import { type Read, readSetting } from "../linux/confinement.ts";
import { forbidding } from "../linux/remedies.ts";

const codes: readonly BoundaryFault["code"][] = ["no-namespaces", "no-redirect"];

/** The kernel's own words (strerror(3), or Node's code) for what it does not do, or not for us; nft's for a missing module. */
const never =
  /operation not permitted|permission denied|not supported|not implemented|invalid argument|read-only file system|could not process rule: no such file|\b(?:EPERM|EACCES|EINVAL|ENOSYS|EROFS|EOPNOTSUPP|EPROTONOSUPPORT|EAFNOSUPPORT)\b/i;

export function isLasting(
  { code, message }: Pick<BoundaryFault, "code" | "message">,
  read: Read = readSetting,
): boolean {
  return codes.includes(code) && staysSo(message, read);
}

/** `message`: of a fault. */
export function staysSo(message: string, read: Read = readSetting): boolean {
  // ENOSPC: as many as may be made are there; for good only where that is none
  const bounds: Read = (path) => (path.includes("/max_") ? read(path) : undefined);
  return never.test(message) || (/no space left/i.test(message) && forbidding(bounds) !== undefined);
}
