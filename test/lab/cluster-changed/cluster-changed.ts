import { answersAll } from "../expectations.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";
import { ChangesTrial } from "./changes-trial.ts";

export const clusterChanged: Scenario = {
  name: "cluster-changed",
  about:
    "An operator renames a server, turns the ring and the group's order round, moves the holder and a standby to other addresses, and has a fourth server join and leave; no process starts anew, and no question goes without its answer.",
  trial: () => new ChangesTrial(),
  strike: () => Promise.resolve(nothingToHeal),
  expects: answersAll(),
};
