// One probe against one target: a machine is laid out, watched while the target runs, compared, judged, taken away.

import type { Ground } from "./ground.ts";
import { judge, lastLine } from "./judge.ts";
import type { After, Outcome, Probe } from "./probe.ts";
import { compare, shoot } from "./rig/changes.ts";
import { Observer } from "./rig/observer.ts";
import { Rig } from "./rig/rig.ts";
import { Stays } from "./rig/stays.ts";
import { allowed } from "./rig/world.ts";
import { launch, type Target } from "./targets/target.ts";

const watched = ["home", "out", "work"] as const;

export async function runProbe(
  probe: Probe,
  target: Target,
  { field, person }: Pick<Ground, "field" | "person">,
): Promise<Outcome> {
  const why = probe.notHere?.({ target: target.name, asRoot: field.asRoot });
  if (why !== undefined) return { kind: "not-applicable", why };
  using rig = new Rig(person, field.world.enter);
  await lay(probe, rig);
  const before = shoot(rig.base, watched);
  const earlier = (await field.world.seen()).length;
  const observer = new Observer(rig.token);
  const stays = new Stays(rig.work, rig.token, probe.appears ?? []);
  const { ended, record } = await target.run(rig, field, {
    command: commandOf(rig),
    names: [...(probe.hostless === true ? [] : [allowed.name]), ...(probe.grants ?? [])],
    environment: probe.environment?.(rig) ?? {},
    around: probe.around?.(rig) ?? [],
  });
  const seen = (await field.world.seen()).slice(earlier);
  const left = rig.leftovers();
  if (probe.afterwards !== undefined) await launch(rig, field, ["bash", "-c", probe.afterwards(rig)]);
  for (const what of probe.resumes ?? []) await target.resume?.(rig, field, what);
  const after: After = {
    rig,
    glimpses: observer.end(),
    stays: stays.end(),
    left,
    heard: rig.heard(),
    seen,
    changes: compare(before, shoot(rig.base, watched)),
  };
  return judge({ probe, after, ended, record });
}

async function lay(probe: Probe, rig: Rig): Promise<void> {
  for (const [path, text] of Object.entries(probe.files?.(rig) ?? {})) rig.write(`${rig.work}/${path}`, text);
  await probe.prepare?.(rig);
  rig.write(`${rig.work}/${rig.mark}.sh`, `${probe.inside(rig)}\n`);
  rig.give();
}

/** Bash twice: what ends the one that tries leaves the other to say that it was tried. What it complains of is no record of the target's. */
const commandOf = (rig: Rig): readonly string[] => [
  "bash",
  "-c",
  `bash ${rig.mark}.sh ${rig.token} 2>/dev/null; echo ${lastLine(rig.token)}`,
];
