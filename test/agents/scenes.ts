// What an agent of the lane finds in the checkout, and what the vendor has it do there.

import { demo } from "../../src/vendor/demo.ts";
import type { Script } from "../../src/vendor/script.ts";
import { readFiles, readScript } from "../journeys/read-scene.ts";
import { planted, plantedFiles, plantedScript } from "./planted.ts";

export interface Scene {
  readonly files: Readonly<Record<string, string>>;
  /** Of whoever starts the session. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `said`: a placeholder that came with a request. */
  readonly script: (said: string) => Script;
}

export const scenes = {
  /** It mends a small program, and tests it. */
  demo: { files: demo.files, script: () => demo.script },
  /** The same, with secrets in its way. */
  planted: {
    files: plantedFiles,
    environment: { [planted.variable]: planted.environment },
    script: plantedScript,
  },
  /** It reads, in many ways. */
  read: { files: readFiles, script: () => readScript },
} as const satisfies Readonly<Record<string, Scene>>;

export type SceneName = keyof typeof scenes;
