// A real project to build, as Debian ships its sources (GNU libltdl: a configure script and a make file, two and a half
// thousand programs), and a count of our own of what begins: each program appends a line to a file of the host's, from its
// loader, before its first instruction.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const sources = "/usr/share/libtool";
const compiler = "/usr/bin/gcc";

/** Why it cannot be built here. */
export const withoutProject =
  [compiler, "/usr/bin/make", join(sources, "configure"), join(sources, "build-aux")].some(
    (path) => !existsSync(path),
  ) && "NOT TRIED: gcc, make or Debian's libltdl-dev or libtool is not here";

/** What to run in the checkout `work`. */
export function layProject(work: string): readonly string[] {
  const project = join(work, "libltdl");
  execFileSync("cp", ["-rL", sources, project]); // with the files its links lead to
  renameSync(join(project, "build-aux"), join(work, "build-aux"));
  for (const path of readdirSync(work, { recursive: true, encoding: "utf8" })) chmodSync(join(work, path), 0o755);
  mkdirSync(join(project, "built"));
  return ["sh", "-c", "cd libltdl/built && ../configure > log 2>&1 && make -j2 >> log 2>&1"];
}

const program = `#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void begin(void) {
  char line[4200], path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  int file = open(CANARY, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  int size = snprintf(line, sizeof line, "%d %.*s\\n", getpid(), length < 0 ? 0 : (int)length, path);
  if (file >= 0) { (void)!write(file, line, size); close(file); }
}
`;

export interface Counted {
  /** Runs a command so that it, and all it starts, is counted. */
  readonly before: readonly string[];
  /** `pid executable` of each that began, in order. */
  readonly lines: () => readonly string[];
}

export function countPrograms(work: string): Counted {
  const [canary, library] = [join(work, "canary"), join(work, "count.so")];
  writeFileSync(join(work, "count.c"), program);
  execFileSync(compiler, ["-shared", "-fPIC", `-DCANARY="${canary}"`, "-o", library, join(work, "count.c")]);
  return {
    before: ["env", `LD_PRELOAD=${library}`],
    lines: () => (existsSync(canary) ? readFileSync(canary, "utf8").replace(/\n$/, "").split("\n") : []),
  };
}
