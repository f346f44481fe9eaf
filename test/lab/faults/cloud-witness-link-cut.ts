import type { Scenario } from "../scenario.ts";
import { witnessLinkCut } from "./witness-link-cut.ts";

export const cloudWitnessLinkCut: Scenario = {
  ...witnessLinkCut,
  name: "cloud-witness-link-cut",
  about:
    "Two nodes hear each other no more, and both the control plane, their witness: the holder has its vote and goes on, and the other one stays a standby.",
  cluster: "two nodes and the cloud",
  // Longer than it takes until the control plane is asked again.
  watchedMs: 12_000,
};
