// The published command line: three files side by side (the command, the ledger's worker, the boundary's helper), because
// workers and helpers are started by file; see the URL beside each `new Worker` and `spawn`.
import { defineConfig } from "rolldown";

export default defineConfig({
  input: {
    postern: "src/cli/main.ts",
    "ledger-worker": "src/ledger/worker.ts",
    "boundary-helper": "src/boundary/linux/helper.ts",
  },
  platform: "node",
  external: ["koffi"],
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    minify: true,
    cleanDir: true,
  },
});
