// The published packages in the places where people have them — npm's global directory, a project's own packages through npx,
// nvm, volta — are known for what they are, and start inside. Judged by the summary and by the record of what began.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { Stage } from "../journeys/stage.ts";
import { type AgentName, type Installed, install, nodeDirectory, published } from "./packages.ts";

interface Place {
  /** What a person types. */
  readonly command: readonly string[];
  readonly path: readonly string[];
}

interface Room {
  readonly installed: Installed;
  readonly home: string;
  readonly work: string;
}

const version = process.versions.node;

/** npm's tree once more, by hard links: the packages are some hundred megabytes each. */
function copy({ prefix }: Installed, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync("cp", ["-al", join(prefix, "lib/node_modules"), to]);
}

function node(directory: string): void {
  mkdirSync(directory, { recursive: true });
  execFileSync("cp", [process.execPath, join(directory, "node")]);
}

/** The link npm made in its `bin`, made again beside another copy of its tree. */
function link({ installed, at }: { installed: Installed; at: string }, modules: string): void {
  const target = readlinkSync(join(installed.prefix, "bin", installed.program)).replace("../lib/node_modules/", "");
  mkdirSync(at, { recursive: true });
  symlinkSync(relative(at, join(modules, target)), join(at, installed.program));
}

const places: Readonly<Record<string, (room: Room) => Place>> = {
  "npm's global directory": ({ installed }) => ({
    command: [installed.program],
    path: [join(installed.prefix, "bin"), nodeDirectory],
  }),
  "a project, through npx": ({ installed, work }) => {
    const modules = join(work, "node_modules");
    copy(installed, modules);
    link({ installed, at: join(modules, ".bin") }, modules);
    return { command: ["npx", `${installed.package}@${installed.version}`], path: [nodeDirectory] };
  },
  nvm: ({ installed, home }) => {
    const prefix = join(home, `.nvm/versions/node/v${version}`);
    node(join(prefix, "bin"));
    copy(installed, join(prefix, "lib/node_modules"));
    link({ installed, at: join(prefix, "bin") }, join(prefix, "lib/node_modules"));
    return { command: [installed.program], path: [join(prefix, "bin")] };
  },
  volta: ({ installed, home }) => {
    const image = join(home, ".volta/tools/image");
    const modules = join(image, "packages", installed.package, "lib/node_modules");
    copy(installed, modules);
    link({ installed, at: join(image, "packages", installed.package, "bin") }, modules);
    node(join(image, `node/${version}/bin`));
    const bins = join(home, ".volta/tools/user/bins");
    mkdirSync(bins, { recursive: true });
    const said = { name: installed.program, package: installed.package, platform: { node: version } };
    writeFileSync(join(bins, `${installed.program}.json`), JSON.stringify(said));
    mkdirSync(join(home, ".volta/bin"));
    writeFileSync(join(home, ".volta/bin/volta-shim"), "\x7fELF", { mode: 0o755 });
    linkSync(join(home, ".volta/bin/volta-shim"), join(home, ".volta/bin/volta-migrate"));
    symlinkSync("volta-shim", join(home, ".volta/bin", installed.program));
    return { command: [installed.program], path: [join(home, ".volta/bin")] };
  },
};

for (const name of Object.keys(published) as AgentName[])
  for (const [where, prepare] of Object.entries(places))
    void test(`${name} in ${where}`, { timeout: 600_000 }, async () => {
      const installed = install(name);
      // where hard links reach
      const home = mkdtempSync(join(dirname(installed.prefix), "place-"));
      try {
        using stage = new Stage();
        const work = join(home, "work/parcel");
        mkdirSync(work, { recursive: true });
        const { command, path } = prepare({ installed, home, work });
        const ran = await stage.run([...command, "--version"], {
          policy: { files: { write: ["."] } },
          environment: { HOME: home, PATH: [...path, "/usr/bin", "/bin"].join(":") },
          at: work,
        });
        const { tool } = ran.summary ?? assert.fail(ran.errors);
        assert.deepEqual([tool.name, tool.version], [name, installed.version]);
        const began = (await stage.log()).filter(({ kind }) => kind === "exec");
        const at = [home, installed.prefix];
        const own = began.filter(({ sealed }) =>
          at.some((root) => String(sealed["executable"]).startsWith(`${root}/`)),
        );
        assert.ok(own.length > 0, `of its own place began nothing: ${JSON.stringify(began)}`);
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    });
