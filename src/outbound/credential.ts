// Reads a real credential where the policy says it lies: an environment variable, a file, a command's output. Leaves a
// Secret, or a Fault that never holds the value. Refuses empty, too long and unprintable values: such a one put into a
// header would end the header.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import { Secret } from "../domain/secret.ts";
import { limits } from "./limits.ts";
import { type Run, runCommand } from "./run.ts";
import { searchPath, writableAround } from "./search-path.ts";

/** As the policy writes it. */
export type CredentialSource =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] };

/** `credential-absent`: nothing is there to be read, as against something that cannot be. */
export type CredentialFault = Fault<
  "credential-absent" | "credential-unreadable" | "credential-invalid" | "credential-command"
>;

export interface CredentialContext {
  /** The caller's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Directories a tool inside can change: no program is taken from there. */
  readonly writable: readonly string[];
  readonly run?: Run;
  /** Told what the person should know though the credential was read: lower case, no full stop, never the value. */
  readonly warn?: (warning: string) => void;
}

export async function readCredential(
  from: CredentialSource,
  context: CredentialContext,
): Promise<Secret | CredentialFault> {
  if ("env" in from) return checkCredential(context.environment[from.env], `the variable ${from.env}`);
  return "file" in from ? fromFile(from.file, context) : fromCommand(from.command, context);
}

/** `place`: what a fault calls it. */
export function checkCredential(value: string | undefined, place: string): Secret | CredentialFault {
  if (value === undefined) {
    return new Fault({
      code: "credential-absent",
      message: `${place} is not set`,
      hint: "set it, or change the credential's from",
    });
  }
  const plain = value.replace(/\r?\n$/, "");
  if (plain.trim() === "") return new Fault({ code: "credential-invalid", message: `${place} holds no credential` });
  if (Buffer.byteLength(plain) > limits.credentialBytes) {
    return new Fault({
      code: "credential-invalid",
      message: `${place} holds more than ${limits.credentialBytes} bytes`,
    });
  }
  // RFC 9110 §5.5, field values: visible characters, spaces and tabs inside
  if (!/^[\t\x20-\x7e\x80-\uffff]*$/.test(plain)) {
    const hint = "a credential is one line; see that the file or command gives nothing else";
    return new Fault({ code: "credential-invalid", message: `${place} holds a line break or control character`, hint });
  }
  return new Secret(plain);
}

function fromFile(path: string, { home, warn }: CredentialContext): Secret | CredentialFault {
  const full = path.startsWith("~/") ? resolve(home, path.slice(2)) : path;
  const place = `the file ${path}`;
  let descriptor: number;
  try {
    // a fifo would make the open wait
    descriptor = openSync(full, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const absent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const code = absent ? "credential-absent" : "credential-unreadable";
    const message = `${place} ${absent ? "does not exist" : "cannot be read"}`;
    return new Fault({ code, message, hint: "see that it exists and is yours", cause });
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return new Fault({ code: "credential-unreadable", message: `${place} is not a regular file` });
    const bytes = Buffer.alloc(limits.credentialBytes + 3);
    const length = readSync(descriptor, bytes);
    if ((stats.mode & 0o077) !== 0) warn?.(`others may read ${path}: chmod 600 ${path}`);
    return checkCredential(bytes.toString("utf8", 0, length), place);
  } finally {
    closeSync(descriptor);
  }
}

async function fromCommand(command: readonly string[], context: CredentialContext): Promise<Secret | CredentialFault> {
  const place = `the command ${command[0] ?? ""}`;
  const environment = commandEnvironment(context);
  const objection = objectToProgram(command[0] ?? "", environment["PATH"] ?? "", context.writable);
  if (objection !== undefined)
    return new Fault({ code: "credential-command", message: `${place} ${objection}`, hint: named });
  const done = await (context.run ?? runCommand)(command, {
    environment,
    milliseconds: limits.commandMilliseconds,
    bytes: limits.credentialBytes + 3,
  });
  if (done.kind === "ended" && done.code === 0) return checkCredential(done.output.toString("utf8"), place);
  const why = done.kind === "ended" ? `ended with ${done.code}` : done.why;
  const hint =
    done.complaint === ""
      ? "run it by hand, in /, to see why"
      : `it said: ${done.complaint.slice(0, limits.complaint)}`;
  return new Fault({ code: "credential-command", message: `${place} ${why}`, hint });
}

const named = "name one that no tool may write, by its whole path or as PATH finds it";

/** It is started in `/`, where no tool wrote what it may look for beside itself. */
function objectToProgram(program: string, path: string, writable: readonly string[]): string | undefined {
  if (program.includes("/") && !isAbsolute(program)) return "is named from a directory, and is started in /";
  const tree = writableAround(program, path, writable);
  return tree === undefined ? undefined : `lies where a tool may write, in ${tree}`;
}

/** What password managers and keyrings need to find their agent and their terminal, and nothing else. */
const passed = [
  ..."PATH HOME USER LOGNAME LANG LC_ALL TERM DISPLAY WAYLAND_DISPLAY XDG_RUNTIME_DIR XDG_CONFIG_HOME".split(" "),
  ..."DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK GPG_TTY GNUPGHOME PASSWORD_STORE_DIR OP_ACCOUNT VAULT_ADDR".split(" "),
];

/** Of whoever asks for a program to be started. */
export type Caller = Pick<CredentialContext, "environment" | "home" | "writable">;

export function commandEnvironment({ environment, home, writable }: Caller): Readonly<Record<string, string>> {
  const pairs = passed.map((name) => [name, environment[name]] as const);
  const known = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  // a shim of ours that meets this mark does not start Postern once more
  const path = searchPath(environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", writable);
  return { HOME: home, ...Object.fromEntries(known), PATH: path, POSTERN_STARTED: "1" };
}
