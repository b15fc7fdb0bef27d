// Compiles the kernel that reads source (src/inspection/source/kernel/, AssemblyScript) into what is loaded without a compiler:
// `node scripts/kernel.ts`; with `--print` it is only said. The same compiler makes the same octets of the same source, which a test holds
// it to.

import { writeFileSync } from "node:fs";
import { main } from "assemblyscript/asc";

const root = new URL("../src/inspection/source/", import.meta.url).pathname;
/** Pages of 64 KiB; the kernel's own places end in the last of them. */
const pages = 105;

async function compileKernel(): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined;
  const options = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd"];
  const memory = ["--initialMemory", `${pages}`, "--maximumMemory", `${pages}`];
  const { error, stderr } = await main(
    ["kernel/kernel.ts", "--baseDir", root, "--outFile", "kernel.wasm", ...options, ...memory],
    {
      writeFile: (name, octets) => {
        if (name === "kernel.wasm" && typeof octets !== "string") compiled = octets;
      },
    },
  );
  if (error !== null || compiled === undefined) throw new Error(`the kernel was not compiled: ${stderr.toString()}`);
  return compiled;
}

function writtenAs(compiled: Uint8Array): string {
  const rows =
    Buffer.from(compiled)
      .toString("base64")
      .match(/.{1,108}/g) ?? [];
  return [
    "// Made by scripts/kernel.ts from kernel/, whose test makes it anew: WebAssembly in base64.",
    "",
    "export const kernelModule: string = [",
    ...rows.map((row) => `  "${row}",`),
    '].join("");',
    "",
  ].join("\n");
}

const written = writtenAs(await compileKernel());
if (process.argv[2] === "--print") process.stdout.write(written);
else writeFileSync(`${root}kernel-module.ts`, written);
