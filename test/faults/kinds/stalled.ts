// A part stops and stays: nothing may pass it meanwhile; later it goes on, or is ended as it stands.

import type { Target } from "../../journeys/kill-rounds.ts";
import { type Kind, pause, type Scene, signal } from "../kind.ts";

/** What is on its way when a part stops: four requests at a time. */
const onItsWay = 8;

/** The gateway and the book stand still: nothing new reaches the world outside. */
async function nothingLeaves(scene: Scene): Promise<void> {
  const before = await scene.asked();
  await pause(200 + scene.chance(300));
  const more = (await scene.asked()) - before;
  if (more > onItsWay) scene.blame(`${more} requests reached the world outside while the command line stood still`);
}

/** The watch stands still: no program begins. The tool starts one at a time; one may be on its way to what it writes. */
async function nothingBegins(scene: Scene): Promise<void> {
  await pause(50);
  const before = scene.size("began");
  await pause(200 + scene.chance(300));
  const more = scene.size("began") - before;
  if (more > 1) scene.blame(`${more} programs began while the watch stood still`);
}

const aWhile = ({ chance }: Scene): Promise<void> => pause(chance(300));

type Part = Target | "tool";
type Then = "goes on" | "the person ends it" | "the command line is killed";

function stall(part: Part, then: Then, meanwhile: (scene: Scene) => Promise<void>): Kind {
  return {
    name: `${part} stalls, and ${then}`,
    working: then !== "the command line is killed",
    strike: async (scene) => {
      const pid = await scene.find(part);
      if (scene.over() || !signal(pid, "SIGSTOP")) return undefined;
      await meanwhile(scene);
      switch (then) {
        case "goes on":
          signal(pid, "SIGCONT");
          return { ending: "goes on" };
        case "the person ends it":
          signal(scene.cli, "SIGUSR2");
          return { ending: "closes", codes: [124] };
        case "the command line is killed":
          signal(scene.cli, "SIGKILL");
          return { ending: "cut" };
      }
    },
  };
}

export const stalled: readonly Kind[] = [
  stall("cli", "goes on", nothingLeaves),
  stall("cli", "the command line is killed", nothingLeaves),
  stall("helper", "goes on", nothingBegins),
  stall("helper", "the person ends it", nothingBegins),
  stall("helper", "the command line is killed", aWhile),
  stall("bubblewrap inside", "goes on", aWhile),
  stall("bubblewrap inside", "the person ends it", aWhile),
  stall("bubblewrap inside", "the command line is killed", aWhile),
  stall("tool", "goes on", aWhile),
];
