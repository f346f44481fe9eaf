import { waitFor } from "../../demo/waiting.ts";
import { agreedOn } from "../agreed-on.ts";
import { forgetAsUsual, neverForget } from "../client-memory.ts";
import { cutApart } from "../cut-apart.ts";
import { bothRun } from "../expectations.ts";
import { clientPort } from "../lab-site.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

const watchedMs = 3_000;
const isolatedWithinMs = 5_000;

export const survivorTakenOverAlive: Scenario = {
  name: "survivor-taken-over-alive",
  about:
    "Two nodes alone are cut off from each other, and an operator has the other one take over from a holder that lives: both run the group until they hear each other, and then the later one alone.",
  cluster: "two nodes, survivor",
  prepare: async (site, cast) => {
    await agreedOn(site, cast);
    await neverForget(site);
  },
  strike: async (site, { holder, standbys: [other] }) => {
    if (other === undefined) return nothingToHeal;
    await cutApart(site.network, [holder.port.name, clientPort], [other.port.name]);
    await waitFor(`${other.name} to know that it is alone`, isolatedWithinMs, async () => {
      const [group] = (await other.status()).groups;
      return group?.state === "isolated" || undefined;
    });
    await other.takeOver("taken for dead by somebody who did not look");
    await waitFor(`${other.name} to run the group`, isolatedWithinMs, async () => {
      const [group] = (await other.status()).groups;
      return group?.state === "operational" || undefined;
    });
    return async () => {
      await site.network.healAll();
      await forgetAsUsual(site);
    };
  },
  watchedMs,
  expects: bothRun(watchedMs),
};
