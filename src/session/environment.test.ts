// Nothing of the caller's environment comes inside but the short list.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { authorityVariables } from "../boundary/linux/view/authorities.ts";
import { profiles } from "../policy/profile.ts";
import { composeEnvironment } from "./environment.ts";

const from = { name: "dev", home: "/home/dev", shell: "/bin/bash", searchPath: ["/opt/tool/bin"], added: [] };

test("what a terminal program needs, and nothing else", () => {
  const caller = {
    LANG: "C.UTF-8",
    LC_TIME: "de_DE",
    TERM: "xterm",
    PATH: "/evil",
    HOME: "/root",
    AWS_SECRET_ACCESS_KEY: "x",
    LD_PRELOAD: "y",
  };
  assert.deepEqual(composeEnvironment({ ...from, caller }), {
    LANG: "C.UTF-8",
    LC_TIME: "de_DE",
    TERM: "xterm",
    HOME: "/home/dev",
    USER: "dev",
    LOGNAME: "dev",
    SHELL: "/bin/bash",
    PATH: "/opt/tool/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
    TMPDIR: "/tmp",
    POSTERN: "1",
  });
});

test("no other variable comes in, whatever its name", () => {
  const known = new Set(Object.keys(composeEnvironment({ ...from, caller: {} })));
  const listed =
    /^(?:TERM|COLORTERM|TERM_PROGRAM|LANG|LANGUAGE|TZ|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE|CI|LC_[A-Z]+)$/;
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z_]{1,20}$/), fc.string(), (name, value) => {
      fc.pre(!known.has(name) && !listed.test(name));
      assert.ok(!(name in composeEnvironment({ ...from, caller: { [name]: value } })));
    }),
  );
});

test("placeholders win over what a profile sets", () => {
  const added = [{ API_KEY: "profile" }, { API_KEY: "placeholder" }];
  assert.equal(composeEnvironment({ ...from, caller: {}, added })["API_KEY"], "placeholder");
});

test("every tool that is known takes the session's authority of a variable that is set", () => {
  for (const { name, authorities } of profiles)
    assert.ok(
      authorities.every((variable) => variable in authorityVariables),
      name,
    );
});
