// The digest of our own build: what stands behind every entry. Over the published bundle, or over the sources when run
// from a checkout.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Digest } from "../domain/brand.ts";

/** SHA-256 over `<relative path>\0<sha256 of content>\n` of every file of the build, sorted by path. */
export function digestBuild(): Digest {
  const bundled = !import.meta.url.endsWith(".ts");
  const root = fileURLToPath(new URL(bundled ? "." : "..", import.meta.url));
  const total = createHash("sha256");
  for (const path of listFiles(root, bundled)) {
    total.update(
      `${path}\0${createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest("hex")}\n`,
    );
  }
  return total.digest("hex") as Digest;
}

function listFiles(root: string, bundled: boolean): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => (bundled ? path.endsWith(".js") : /\.(?:ts|json)$/.test(path) && !path.endsWith(".test.ts")))
    .sort();
}
