// The published command line: eight programs side by side (the command, the ledger's worker, the inspector's, the reader of source, the boundary's helper, what stands in
// for ssh inside, what tries the walls in a proof, what carries to the door in a container somebody else built), because these are started by file; see the URL beside each `new Worker` and `spawn`. They are one file each
// and the command is few: at every start, each file costs about a millisecond to find and link. CommonJS, which is read
// and begun in one step: the same code as modules takes a tenth of a session's start longer.
import { defineConfig, type OutputOptions } from "rolldown";

const common = { platform: "node" as const, external: ["koffi"] };
const output: OutputOptions = { dir: "dist", format: "cjs", entryFileNames: "[name].cjs", minify: true };

export default defineConfig([
  {
    ...common,
    input: { postern: "src/cli/main.ts" },
    output: { ...output, chunkFileNames: "[name]-[hash].cjs", cleanDir: true },
  },
  {
    ...common,
    input: { "ledger-worker": "src/ledger/worker.ts" },
    output: { ...output, codeSplitting: false },
  },
  {
    ...common,
    input: { "inspection-worker": "src/session/inspecting/worker.ts" },
    output: { ...output, codeSplitting: false },
  },
  {
    ...common,
    input: { "source-reader": "src/session/sources/reader.ts" },
    output: { ...output, codeSplitting: false },
  },
  {
    ...common,
    input: { "boundary-helper": "src/boundary/linux/helper.ts" },
    output: { ...output, codeSplitting: false },
  },
  {
    ...common,
    input: { "git-stand-in": "src/session/git-stand-in.ts" },
    output: { ...output, codeSplitting: false },
  },
  {
    ...common,
    input: { "outer-relay": "src/boundary/outer/relay.ts" },
    output: { ...output, codeSplitting: false },
  },
  {
    ...common,
    input: { trespasser: "src/proof/trespasser.ts" },
    output: { ...output, codeSplitting: false },
  },
]);
