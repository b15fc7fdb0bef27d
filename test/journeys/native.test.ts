// A native program installed for one person: a link in ~/.local/bin to a version elsewhere in the home, run again and again,
// and after an update. Needs namespaces.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Stage } from "./stage.ts";

test("real boundary: a native tool runs a second time, and after it was updated (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const bin = join(stage.home, ".local/bin");
  mkdirSync(bin, { recursive: true });
  const install = (version: string): void => {
    const file = stage.write(
      join(stage.home, ".local/share/tool/versions", version),
      `#!/bin/sh\necho ${version} > v\n`,
    );
    chmodSync(file, 0o755);
    rmSync(join(bin, "tool"), { force: true });
    symlinkSync(`../share/tool/versions/${version}`, join(bin, "tool"));
  };
  const environment = { PATH: `${bin}:/usr/bin:/bin` };
  for (const version of ["1", "1", "2"]) {
    install(version);
    const { code, errors } = await stage.run(["tool"], { environment });
    assert.equal(code, 0, errors);
    assert.equal(readFileSync(join(stage.work, "v"), "utf8"), `${version}\n`);
  }
  assert.equal(readlinkSync(join(bin, "tool")), "../share/tool/versions/2", "the person's own link is as it was");
});
