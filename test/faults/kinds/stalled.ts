// A part stops and stays: nothing may pass it meanwhile; later it goes on, or is ended as it stands.

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

/** The watch stands still: no program begins. */
async function nothingBegins(scene: Scene): Promise<void> {
  await pause(50);
  const before = scene.size("began");
  await pause(200 + scene.chance(300));
  const more = scene.size("began") - before;
  if (more > 0) scene.blame(`${more} programs began while the watch stood still`);
}

const stopped = (scene: Scene, pid: number | undefined): boolean => !scene.over() && signal(pid, "SIGSTOP");

export const stalled: readonly Kind[] = [
  {
    name: "command line stalls, and goes on",
    working: true,
    strike: async (scene) => {
      if (!stopped(scene, scene.cli)) return undefined;
      await nothingLeaves(scene);
      signal(scene.cli, "SIGCONT");
      return { ending: "goes on" };
    },
  },
  {
    name: "command line stalls, and is killed",
    strike: async (scene) => {
      if (!stopped(scene, scene.cli)) return undefined;
      await nothingLeaves(scene);
      signal(scene.cli, "SIGKILL");
      return { ending: "cut" };
    },
  },
  {
    name: "helper stalls, and goes on",
    working: true,
    strike: async (scene) => {
      const helper = await scene.find("helper");
      if (!stopped(scene, helper)) return undefined;
      await nothingBegins(scene);
      signal(helper, "SIGCONT");
      return { ending: "goes on" };
    },
  },
  {
    name: "helper stalls, and the person ends it",
    working: true,
    strike: async (scene) => {
      if (!stopped(scene, await scene.find("helper"))) return undefined;
      await nothingBegins(scene);
      signal(scene.cli, "SIGUSR2");
      return { ending: "closes", codes: [124] };
    },
  },
  {
    name: "helper stalls, and the command line is killed",
    strike: async (scene) => {
      const helper = await scene.find("helper");
      if (!stopped(scene, helper)) return undefined;
      await pause(scene.chance(200));
      signal(scene.cli, "SIGKILL");
      return { ending: "cut" };
    },
  },
  {
    name: "bubblewrap stalls, and the person ends it",
    working: true,
    strike: async (scene) => {
      if (!stopped(scene, await scene.find("bubblewrap inside"))) return undefined;
      await pause(scene.chance(200));
      signal(scene.cli, "SIGUSR2");
      return { ending: "closes", codes: [124] };
    },
  },
  {
    name: "tool stalls, and goes on",
    working: true,
    strike: async (scene) => {
      const tool = await scene.find("tool");
      if (!stopped(scene, tool)) return undefined;
      await pause(100 + scene.chance(200));
      signal(tool, "SIGCONT");
      return { ending: "goes on" };
    },
  },
];
