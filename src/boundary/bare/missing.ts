// All that there is not where there are no walls.

import type { Missing } from "../../domain/session.ts";

export const bareMissing: readonly Missing[] = ["network", "files", "watch", "seccomp", "processes"];
