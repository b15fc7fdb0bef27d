#!/usr/bin/env node
// The front door: reads what a person typed and hands it to one command. Nothing is decided here.

import { setImmediate } from "node:timers/promises";
import { callerStreams } from "./caller.ts";
import { keepCompiled } from "./compiled.ts";

keepCompiled();
void main(process.argv);

async function main(words: readonly string[]): Promise<void> {
  // a tool is to run, whatever else was said: its ground takes as long to get ready as everything loaded meanwhile
  await using ground = words[2] === "run" && !words.includes("--outer") ? await breakGround() : undefined;
  const { follow } = await import("./program.ts");
  await follow(words, ground);
}

async function breakGround() {
  const boundary = await import("../boundary/bare/ground.ts");
  const ground = boundary.breakGround(callerStreams);
  // until it has started what it waits for: loading more would keep this thread from it
  await setImmediate();
  return ground;
}
