import { setTimeout as sleep } from "node:timers/promises";
import { agreedOn } from "../agreed-on.ts";
import { forgetAsUsual, neverForget } from "../client-memory.ts";
import { cutApart } from "../cut-apart.ts";
import { bothRun } from "../expectations.ts";
import { clientPort } from "../lab-site.ts";
import type { Scenario } from "../scenario.ts";

const watchedMs = 4_000;

export const probeBothRun: Scenario = {
  name: "probe-both-run",
  about:
    "The network between two nodes alone is cut for heartbeats and ARP alike, and each still sees the gateway: both run the group, as promised until they hear each other, and then the later one alone.",
  cluster: "two nodes, probe",
  prepare: async (site, cast) => {
    await agreedOn(site, cast);
    await neverForget(site);
  },
  strike: async (site, { holder, standbys }) => {
    await cutApart(
      site.network,
      [holder.port.name, clientPort],
      standbys.map(({ port }) => port.name),
    );
    // For the other one to find that nobody answers, and to take over.
    await sleep(3_000);
    return async () => {
      await site.network.healAll();
      await forgetAsUsual(site);
    };
  },
  watchedMs,
  expects: bothRun(watchedMs),
};
