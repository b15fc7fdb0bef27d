// What there is not of ours where somebody else built the walls.

import type { Missing } from "../../domain/session.ts";

export const outerMissing: readonly Missing[] = ["watch", "capture", "attribution", "files", "seccomp", "processes"];
