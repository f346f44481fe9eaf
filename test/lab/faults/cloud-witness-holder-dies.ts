import type { Scenario } from "../scenario.ts";
import { witnessHolderDies } from "./witness-holder-dies.ts";

export const cloudWitnessHolderDies: Scenario = {
  ...witnessHolderDies,
  name: "cloud-witness-holder-dies",
  about:
    "Of two nodes whose witness is the control plane the holder's machine loses its power; the other takes over with the control plane's vote.",
  cluster: "two nodes and the cloud",
};
