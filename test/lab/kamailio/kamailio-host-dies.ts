import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { kamailio } from "./kamailio.ts";
import { KamailioTrial } from "./kamailio-trial.ts";

export const kamailioHostDies: Scenario = {
  name: "kamailio",
  about:
    "200 phones have registered with Kamailio, and its machine loses its power; the other one routes every call to them, and none registers again.",
  cluster: "two nodes and a witness",
  application: kamailio,
  trial: () => new KamailioTrial(),
  strike: async ({ network }, { holder }) => {
    await holder.losePower();
    return async () => {
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: { ...moves("node.silent", "node.returned", "agent.started"), holderAfter: "another", silenceIsRecorded: true },
};
