import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const cloudDead: Scenario = {
  name: "cloud-dead",
  about:
    "The control plane is killed, and then the holder's machine loses its power; another takes over without it, and tells it when it is back.",
  strike: async ({ cloud, network }, { holder }) => {
    cloud.kill();
    await holder.losePower();
    return async () => {
      await cloud.start();
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: moves("node.silent"),
};
