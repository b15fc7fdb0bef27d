// Finds a tool's installation, wherever it lives: its file, the links to it, the package tree and the interpreters it
// needs, so that it runs inside a private root where only /usr, /bin, /sbin, /lib* and selected /etc exist. Enters: the
// command as typed and the caller's surroundings. Refuses to show the home directory, what is above it, or credentials.

import { closeSync, existsSync, lstatSync, openSync, readSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Digest } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import { digestFile } from "./digest.ts";
import { exposes, isAround, type Surroundings } from "./exposure.ts";
import { limits } from "./limits.ts";
import { isDirectory, type Package, packageOf, resolutionTrees } from "./package-tree.ts";
import { unwrapRunner } from "./runner.ts";
import { findCommand, followLinks, type InventoryFault, realPath } from "./search.ts";
import { parseShebang, type Shebang } from "./shebang.ts";
import { resolveShim } from "./shim.ts";

export interface Context {
  /** The caller's PATH. */
  readonly path: string;
  readonly home: string;
  readonly workspace: string;
  /** The caller's working directory. */
  readonly directory: string;
  /** The caller's other variables, by which a version manager chooses. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** File of remembered digests; undefined: none are kept. */
  readonly digests: string | undefined;
}

type InstallationMount =
  | { readonly kind: "read"; readonly path: string; readonly from: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

export interface Installation {
  /** What the person called it: the base name of the command, a runner left out. */
  readonly name: string;
  readonly tool: {
    /** The file that is executed, links resolved. */
    readonly path: string;
    readonly sha256: Digest;
    /** From its package.json; undefined where it has none. */
    readonly version: string | undefined;
    readonly packageName: string | undefined;
  };
  /** As to be run inside. */
  readonly command: readonly string[];
  /**
   * Beyond the system's own view; to be mounted after the workspace, so that an installation within it is unwritable
   * too. A directory comes before what lies in it.
   */
  readonly mounts: readonly InstallationMount[];
  /** Directories to put in front of PATH inside. */
  readonly searchPath: readonly string[];
}

/** One program of the chain: the tool itself, then its interpreter, then that one's. */
interface Program {
  readonly found: string;
  readonly file: string;
  readonly links: readonly string[];
  /** Nobody but a file or link of the workspace leads there, and so chose it: *attacker-controlled*. */
  readonly ledTo: boolean;
}

/** `not-found` answers to exit 127, every other Fault to 126. */
export async function locate(command: readonly string[], context: Context): Promise<Installation | InventoryFault> {
  const traced = trace(command, context);
  if (traced instanceof Fault) return traced;
  const { plain, chain, around, tool, found } = traced;
  const trees = treesOf(chain, around);
  if (trees instanceof Fault) return trees;
  return {
    name: basename(plain[0] ?? tool.found),
    tool: {
      path: tool.file,
      sha256: await digestFile(tool.file, context.digests),
      version: found?.version,
      packageName: found?.name,
    },
    command: [tool.found, ...plain.slice(1)],
    mounts: mountsFor(trees, chain),
    searchPath: searchPathFor(chain),
  };
}

/** Which program a command leads to, and the package it comes from: nothing is read but what says so. */
export interface Identity {
  readonly file: string;
  readonly version: string | undefined;
  readonly packageName: string | undefined;
}

export function identify(command: string, context: Context): Identity | InventoryFault {
  const traced = trace([command], context);
  if (traced instanceof Fault) return traced;
  const { tool, found } = traced;
  return { file: tool.file, version: found?.version, packageName: found?.name };
}

interface Trace {
  /** Without a runner. */
  readonly plain: readonly string[];
  readonly chain: readonly Program[];
  readonly around: Surroundings;
  readonly tool: Program;
  readonly found: Package | undefined;
}

function trace(command: readonly string[], context: Context): Trace | InventoryFault {
  const around = { home: realPath(context.home), workspace: realPath(context.workspace) };
  const plain = unwrapRunner(command, context.directory);
  if (plain instanceof Fault) return plain;
  const chain = followChain(plain[0] ?? "", { ...context, workspace: around.workspace });
  if (chain instanceof Fault) return chain;
  const [tool] = chain;
  if (tool === undefined) return new Fault({ code: "not-found", message: "no command is given" });
  return { plain, chain, around, tool, found: packageFor(chain, 0, around) };
}

function followChain(name: string, context: Context): readonly Program[] | InventoryFault {
  const chain: Program[] = [];
  const inside = (path: string): boolean => path.startsWith(`${context.workspace}/`);
  let ledTo = false;
  for (let wanted: string | undefined = name; wanted !== undefined; ) {
    if (chain.length > limits.shebangDepth) return refused(name, "its interpreters are scripts too often");
    const found = findCommand(wanted, context.path, context.directory);
    if (found instanceof Fault) return found;
    const direct = resolveShim(found, context);
    if (direct instanceof Fault) return direct;
    const way = followLinks(direct.path);
    const led = inside(way.found) || inside(followLinks(found).found);
    // a wrapper of the workspace says where it leads, and could name any file of the person's: *attacker-controlled*
    if (direct.path !== found && led && !inside(way.file)) return misled(found, way.file);
    const program: Program = { ...way, ledTo: !inside(way.file) && (ledTo || led) };
    chain.push(program);
    const next = nextInChain(program, direct.interpreter);
    if (next instanceof Fault) return next;
    if (next.kind === "name") chain.push({ ...followLinks(next.through), ledTo: false });
    // a name is looked up in the person's own PATH
    ledTo = next.kind === "path" && (program.ledTo || inside(program.file));
    wanted = next.kind === "name" ? next.name : next.kind === "path" ? next.path : undefined;
  }
  return chain;
}

/** Who runs this file; a version manager may already have said which. */
function nextInChain(
  program: Program,
  said: string | undefined,
): Exclude<Shebang, { kind: "unreadable" }> | InventoryFault {
  const shebang = parseShebang(firstLine(program.file));
  if (shebang.kind === "unreadable") return refused(program.file, shebang.why);
  return shebang.kind === "name" && said !== undefined ? { kind: "path", path: said } : shebang;
}

function misled(found: string, file: string): InventoryFault {
  const message = `${found} is a wrapper in this checkout that leads out of it, to ${file}`;
  return new Fault({ code: "shim", message, hint: "run the tool by its own path, if that is what you want" });
}

function refused(file: string, why: string): InventoryFault {
  return new Fault({
    code: "shebang",
    message: `${file} cannot be run: ${why}`,
    hint: "name the interpreter on the command line",
  });
}

function firstLine(file: string): Buffer {
  const bytes = Buffer.alloc(limits.shebangBytes);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    // executable but not readable: a program all the same
    return Buffer.alloc(0);
  }
  try {
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

const system = /^\/(?:usr|bin|sbin|lib|lib32|lib64|libx32)\//;

/** What must be there for these programs: whole trees, or a file alone. */
function treesOf(chain: readonly Program[], around: Surroundings): readonly string[] | InventoryFault {
  const trees = new Set<string>();
  for (const [index, program] of chain.entries()) {
    const { file } = program;
    const found = packageFor(chain, index, around);
    for (const tree of [
      ...wantedBy(program, { found, around, interpreter: index > 0 }),
      ...environmentOf(program, around),
    ]) {
      const why = isDirectory(tree) ? exposes(tree, around) : undefined;
      if (why !== undefined) return exposed(file, tree, { why, found });
      if (!system.test(`${tree}/`)) trees.add(tree);
    }
    if (!isCovered(file, trees) && !system.test(file)) trees.add(file);
  }
  return [...trees].filter((tree) => !isCovered(dirname(tree), trees)).sort();
}

/** A script's own package, and a program's that npm installed; any other program belongs to none. */
function packageFor(chain: readonly Program[], index: number, around: Surroundings): Package | undefined {
  const file = chain[index]?.file ?? "";
  const script = index === 0 && chain.length > 1;
  return script || file.includes("/node_modules/") ? packageOf(file, around.home) : undefined;
}

interface Wish {
  readonly found: Package | undefined;
  readonly around: Surroundings;
  readonly interpreter: boolean;
}

function wantedBy({ file, ledTo }: Program, { found, around, interpreter }: Wish): readonly string[] {
  if (system.test(file)) return [];
  if (ledTo && !isRuntime(file)) return [file];
  if (ledTo && isEnvironment(dirname(dirname(file)))) return partsOf(dirname(dirname(file)));
  if (found === undefined) return [prefixOf(file, interpreter, around)];
  // of a workspace that is itself the tool's package, the file alone is made unwritable; the rest is there anyhow
  const inside = file.startsWith(`${around.workspace}/`);
  return resolutionTrees(file, found).map((tree) => (inside && isAround(tree, around.workspace) ? file : tree));
}

/** A Python environment the program was found in, when its file lies elsewhere. */
function environmentOf({ found, ledTo }: Program, { workspace }: Surroundings): readonly string[] {
  const prefix = dirname(dirname(found));
  if (!isEnvironment(prefix)) return [];
  return ledTo && !prefix.startsWith(`${workspace}/`) ? partsOf(prefix) : [prefix];
}

const isEnvironment = (prefix: string): boolean => existsSync(`${prefix}/pyvenv.cfg`);

/** What is an environment's own: it may be a whole project of the person's, chosen by a file of the workspace. */
function partsOf(prefix: string): readonly string[] {
  const parts = ["pyvenv.cfg", "bin", "lib", "lib64"].map((name) => `${prefix}/${name}`);
  return parts.filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === false);
}

function exposed(
  file: string,
  tree: string,
  { why, found }: { why: string; found: Package | undefined },
): InventoryFault {
  const hint = `install ${found?.name ?? basename(file)} in a directory of its own, for example npm install --prefix ~/.local/tools/${basename(file)}`;
  return new Fault({ code: "exposed", message: `${file} needs ${tree}, which is not shown inside: ${why}`, hint });
}

/** Does the prefix hold this interpreter's own library? Else it may be any directory of the person's that has a `bin`. */
function isRuntime(file: string): boolean {
  const [, name] = /^(python|node|ruby|perl)[\d.]*$/.exec(basename(file)) ?? [];
  const library = { python: basename(file), node: "node_modules", ruby: "ruby", perl: "perl5" }[name ?? ""];
  return library !== undefined && isDirectory(`${dirname(dirname(file))}/lib/${library}`);
}

/** The installation's prefix where it has one of its own (`<prefix>/bin/x` with `<prefix>/lib`), else the file alone. */
function prefixOf(file: string, interpreter: boolean, around: Surroundings): string {
  const opt = /^\/opt\/[^/]+/.exec(file)?.[0];
  if (opt !== undefined && isDirectory(opt) && exposes(opt, around) === undefined) return opt;
  const prefix = dirname(dirname(file));
  const own = basename(dirname(file)) === "bin" && (interpreter || isDirectory(`${prefix}/lib`));
  return own && exposes(prefix, around) === undefined ? prefix : file;
}

function mountsFor(trees: readonly string[], chain: readonly Program[]): readonly InstallationMount[] {
  const covered = new Set(trees);
  const links = new Map(chain.flatMap((each) => each.links.map((link) => [link, each.file] as const)));
  const shown = [...links].filter(([path]) => !isThere(path) && !isCovered(path, covered));
  return [
    ...trees.map((path) => ({ kind: "read" as const, path, from: path })),
    ...shown.map(([path, target]) => ({ kind: "link" as const, path, target })),
  ];
}

/** In the system's own view: Debian's /usr/bin/vim, awk, java lead through /etc/alternatives. */
function isThere(path: string): boolean {
  return system.test(path) || path.startsWith("/etc/alternatives/");
}

function isCovered(path: string, trees: ReadonlySet<string>): boolean {
  for (let here = path; here !== "/"; here = dirname(here)) if (trees.has(here)) return true;
  return false;
}

function searchPathFor(chain: readonly Program[]): readonly string[] {
  const directories = chain.map((each) => dirname(each.found)).filter((each) => !system.test(`${each}/`));
  return [...new Set(directories)];
}
