import type { Scenario } from "../scenario.ts";
import { hostDies } from "./host-dies.ts";

export const hostDiesV6: Scenario = {
  ...hostDies,
  name: "host-dies-v6",
  about: "The group has an IPv6 address, and the holder's machine loses its power; another takes over, and announces it to its neighbours.",
  family: 6,
};
