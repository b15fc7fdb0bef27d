// A place in which the kernel gives nobody a seccomp listener, as within a runtime that has its own: one stands here already,
// which nothing is told. Runs the command among its arguments there, and ends as it does.

import { spawnSync } from "node:child_process";
import { loadForeign } from "../../src/boundary/linux/watch/foreign.ts";
import { installFilter } from "../../src/boundary/linux/watch/listener.ts";

const foreign = await loadForeign();
/** PR_SET_NO_NEW_PRIVS */
foreign.libc.func("int prctl(int, ulong, ulong, ulong, ulong)")(38, 1, 0, 0, 0);
/** BPF_RET | BPF_K, SECCOMP_RET_ALLOW */
const allow = Buffer.from([0x06, 0, 0, 0, 0, 0, 0xff, 0x7f]);
installFilter(foreign, process.arch === "arm64" ? "arm64" : "x64", allow);
const [program = "true", ...words] = process.argv.slice(2);
const { status } = spawnSync(program, words, { stdio: "inherit" });
process.exitCode = status ?? 1;
