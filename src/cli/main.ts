#!/usr/bin/env node
// The front door: reads what a person typed and hands it to one command. Nothing is decided here.

import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { CommanderError } from "commander";
import { readCaller } from "./caller.ts";
import { openProgram } from "./program.ts";
import { complain, mindListeners } from "./speech.ts";

// the published bundle's own code, compiled once; kept where nobody else can write
if (!import.meta.url.endsWith(".ts")) enableCompileCache(join(cacheDirectory(), "postern/code"));

// `run` speaks with env(1)'s codes, where 125 is ours; every other command says 1 for no and 2 for wrong usage
const codes = process.argv[2] === "run" ? { no: 125, usage: 125 } : { no: 1, usage: 2 };

mindListeners();
try {
  await openProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : codes.usage;
  else {
    complain(error);
    process.exitCode = codes.no;
  }
}

function cacheDirectory(): string {
  const { environment, home } = readCaller();
  const { XDG_CACHE_HOME: given } = environment;
  return given?.startsWith("/") ? given : join(home, ".cache");
}
