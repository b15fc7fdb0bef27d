// The digest of our own build: what stands behind every entry. Over the published bundle, or over the sources when run
// from a checkout.

import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Digest } from "../domain/brand.ts";

/** SHA-256 over `<relative path>\0<sha256 of content>\n` of every file of the build, sorted by path. */
export function digestBuild(): Digest {
  const bundled = !import.meta.url.endsWith(".ts");
  const root = fileURLToPath(new URL(bundled ? "." : "..", import.meta.url));
  const lines = listFiles(root, bundled).map((path) => `${path}\0${hash("sha256", readFileSync(join(root, path)))}\n`);
  return hash("sha256", lines.join("")) as Digest;
}

function listFiles(root: string, bundled: boolean): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => (bundled ? path.endsWith(".cjs") : /\.(?:ts|json)$/.test(path) && !path.endsWith(".test.ts")))
    .sort();
}
