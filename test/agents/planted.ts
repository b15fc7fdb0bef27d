// A repository in which secrets are planted, and the script by which the vendor leads an agent through them: one stands in a file it
// reads and edits, one in what a command prints, plainly and in two codings, one is known from the environment alone.

import { positives } from "../../src/inspection/rules/examples/positives.ts";
import { ownRules } from "../../src/inspection/rules/own.ts";
import { demo } from "../../src/vendor/demo.ts";
import type { Script } from "../../src/vendor/script.ts";

const example = (rule: string): string => {
  const made = positives(7, ownRules.length).find((one) => one.rule === rule);
  if (made === undefined) throw new Error(`no rule ${rule}`);
  return made.text.slice(made.from, made.to);
};

/** Made anew in each process: nobody's. */
export const planted = {
  /** In the file that is read and edited. */
  file: example("github-personal-token"),
  /** In what a command prints. */
  output: example("gitlab-personal-token"),
  /** A password of no format, in a variable of whoever starts the session, and in what a command prints. */
  variable: "RELEASE_PASSWORD",
  environment: "correct horse battery 9",
} as const;

const top = "postage() {\n";
const head = (token: string): string => `${top}  # TOKEN=${token}\n`;
const { "test.sh": tests = "", "postage.sh": postage = "", ...rest } = demo.files;
const withToken = (text: string, token: string): string => text.replace(top, () => head(token));

export const plantedFiles: Readonly<Record<string, string>> = {
  ...rest,
  "postage.sh": withToken(postage, planted.file),
  "deploy.env": `KEY=${planted.output}\nPASSWORD='${planted.environment}'\n`,
  "test.sh": `cat deploy.env; base64 -w0 deploy.env; echo; od -An -v -tx1 deploy.env | tr -d ' \\n'; echo\n${tests}`,
};

export const plantedMended = {
  path: demo.mended.path,
  text: withToken(demo.mended.text, planted.file),
} as const;

/** As a model would: what it was told, it says again. */
export function plantedScript(placeholder: string): Script {
  const { script } = demo;
  return {
    ...script,
    steps: script.steps.map(({ say, call }) => {
      if (call.tool !== "edit") return { say, call };
      const { old = "", new: fresh = "" } = call.arguments;
      const line = head(placeholder).slice(top.length);
      const edit = { ...call.arguments, old: line + old, new: line + fresh };
      return { say: `The token there is ${placeholder}.`, call: { ...call, arguments: edit } };
    }),
  };
}
