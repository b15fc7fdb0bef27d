// The dev container feature, for real: the dev container CLI builds a container with it on a real engine, and there a person's
// `postern run` holds, by the record and by what is in the checkout outside. And what the container must permit: with a usual seccomp
// profile of Docker's or Podman's nothing runs, and the remedy that is said is one.

import assert from "node:assert/strict";
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openOutside } from "../journeys/outside.ts";
import type { Logged } from "../journeys/stage.ts";
import { type Engine, type Finished, openEngine } from "./container/engine.ts";
import { bareImage, dockerProfile, layTools, withoutEngine } from "./container/image.ts";
import { equip, nodeDirectory } from "./packages.ts";

const feature = new URL("../../devcontainer-feature", import.meta.url).pathname;
const user = 1_000;

/** The feature, but that it does not name the one it comes after: the CLI would ask a registry for that. */
function layProject(directory: string): string {
  const project = join(directory, "project");
  cpSync(feature, join(project, ".devcontainer/postern"), { recursive: true });
  const file = join(project, ".devcontainer/postern/devcontainer-feature.json");
  const { installsAfter, ...described } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  assert.deepEqual(installsAfter, ["ghcr.io/devcontainers/features/node"]);
  writeFileSync(file, JSON.stringify(described));
  writeFileSync(
    join(project, ".devcontainer/devcontainer.json"),
    JSON.stringify({
      image: "localhost/with-node:1",
      features: { "./postern": { package: "/usr/local/share/postern.tgz" } },
      remoteUser: "dev",
      // the world outside, so that what gets out is seen
      runArgs: ["--network=host"],
    }),
  );
  writeFileSync(join(project, "README.md"), "mine\n");
  for (const path of [project, join(project, "README.md")]) chownSync(path, user, user);
  return project;
}

async function makeImage(engine: Engine, directory: string): Promise<void> {
  const context = join(directory, "context");
  layTools(join(context, "local"));
  writeFileSync(join(context, "Dockerfile"), "FROM localhost/bare:1\nCOPY local /usr/local\n");
  for (const words of [
    ["import", bareImage(), "localhost/bare:1"],
    ["build", "-t", "localhost/with-node:1", context],
  ])
    ok(await engine.run(words));
  rmSync(context, { recursive: true });
}

function ok(finished: Finished): string {
  assert.equal(finished.code, 0, finished.errors.slice(-2_000) + finished.output.slice(-2_000));
  return finished.output;
}

const beyond = "192.0.2.1";
const attempt = `postern run -- bash -c 'cat README.md >copied; id -u >who; : </dev/tcp/${beyond}/80'`;

test("a dev container with the feature, on a real engine", { skip: withoutEngine, timeout: 900_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "postern-container-"));
  const project = layProject(directory);
  const outside = await openOutside({ directory });
  const engine = await openEngine(outside.enter, directory);
  try {
    await makeImage(engine, directory);
    const cli = (verb: string, words: readonly string[]): Promise<Finished> => {
      const { prefix, program } = equip("containers");
      const flags = ["--docker-path", engine.program, "--workspace-folder", project];
      return engine.there([join(nodeDirectory, "node"), join(prefix, "bin", program), verb, ...flags, ...words]);
    };
    const up = ok(await cli("up", []));
    assert.match(up, /"outcome":"success".*"remoteUser":"dev"/);
    const inside = (script: string): Promise<Finished> => cli("exec", ["bash", "-c", script]);

    await t.test(
      "the container is no more than it says: not privileged, no capability beyond the engine's usual",
      async () => {
        const id = /"containerId":"([0-9a-f]+)"/.exec(up)?.[1] ?? "";
        const [described] = JSON.parse(ok(await engine.run(["inspect", id]))) as [
          { HostConfig: { Privileged: boolean; CapAdd: string[]; SecurityOpt: string[] } },
        ];
        const { Privileged: privileged, CapAdd: added, SecurityOpt: options } = described.HostConfig;
        assert.deepEqual([privileged, added], [false, []]);
        assert.ok(options.includes("seccomp=unconfined"), options.join(" "));
      },
    );

    await t.test("postern doctor: a whole boundary, and what is lacking", async () => {
      const { code, output } = await inside("postern doctor");
      assert.equal(code, 0, output);
      assert.match(output, /a boundary of grade full can be built here, without: \/proc inside, low ports inside/);
      assert.match(output, /systempaths=unconfined/);
    });

    await t.test("postern run: the checkout, no network, on the record", async () => {
      const ran = await inside(attempt);
      assert.equal(readFileSync(join(project, "copied"), "utf8"), "mine\n", ran.output + ran.errors);
      assert.equal(readFileSync(join(project, "who"), "utf8"), `${user}\n`);
      const entries = ok(await inside("postern log --json"))
        .trim()
        .split(/\r?\n/)
        .map((line) => JSON.parse(line) as Logged);
      const [started] = entries;
      assert.deepEqual([started?.kind, started?.grade, started?.person], ["session.start", "full", "dev"]);
      const refused = entries.find(
        ({ sealed, verdict }) => verdict === "refuse" && JSON.stringify(sealed).includes(beyond),
      );
      assert.ok(refused !== undefined, ran.errors);
      const reached = async () => (await outside.seen()).filter((one) => one.kind !== "question" && one.ip === beyond);
      assert.deepEqual(await reached(), []);
      ok(await inside("postern verify"));
      ok(await inside(`: </dev/tcp/${beyond}/80`));
      assert.notDeepEqual(await reached(), [], "the container itself gets there");
    });

    const built = ok(await engine.run(["images", "--format", "{{.Repository}}"]))
      .split("\n")
      .find((name) => name.endsWith("-features-uid") || name.endsWith("-features"));
    const plainly = async (words: readonly string[], script: string): Promise<Finished> => {
      for (const name of ["copied", "who"]) rmSync(join(project, name), { force: true });
      const mounted = ["--rm", "--network=none", "--volume", `${project}:/work`, "--workdir", "/work", "--user", "dev"];
      return engine.run(["run", ...mounted, ...words, built ?? "", "bash", "-c", script]);
    };
    const usual: readonly (readonly [string, readonly string[], RegExp])[] = [
      [
        "Docker's usual seccomp profile",
        ["--security-opt", `seccomp=${dockerProfile(directory)}`],
        /user namespaces cannot be made here/,
      ],
      ["Podman's usual seccomp profile", [], /could not build the file view.*seccomp filter/],
    ];
    for (const [what, words, says] of usual)
      await t.test(`${what}: nothing runs, 125, and the remedy is one`, async () => {
        const refused = await plainly(words, attempt);
        assert.equal(refused.code, 125, refused.errors);
        assert.match(refused.errors, says);
        const [, remedy = ""] =
          /hint: in a container, start it with ((?:--security-opt \S+ ?)+)/.exec(refused.errors) ?? [];
        assert.equal(existsSync(join(project, "who")), false);
        const mended = await plainly(remedy.replaceAll(";", "").trim().split(" "), attempt);
        assert.ok(existsSync(join(project, "who")), mended.errors);
      });

    await t.test("with /proc given back, nothing is lacking", async () => {
      const words = ["--security-opt", "seccomp=unconfined", "--security-opt", "systempaths=unconfined"];
      const { output } = await plainly(words, "postern doctor");
      assert.match(output, /a boundary of grade full can be built here(?:, without: a bound on memory inside)?$/m);
    });
  } finally {
    await engine.run(["rm", "--all", "--force", "--time", "0"]);
    await engine.there(["umount", "-l", join(directory, "root/overlay")]);
    await outside[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  }
});
