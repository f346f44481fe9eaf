import { DrillTrial } from "../drill-trial.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

export const drill: Scenario = {
  name: "drill",
  about:
    "The holder is asked for a drill, which makes its health fail; the group moves as planned, and the report tells of the client's silence.",
  trial: () => new DrillTrial(),
  strike: () => Promise.resolve(nothingToHeal),
  expects: { holder: "another", told: ["group.handover", "drill.completed"], silenceMsMax: 500, silenceAfterHealMsMax: 500 },
};
