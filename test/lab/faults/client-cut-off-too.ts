import { forgetAsUsual, neverForget } from "../client-memory.ts";
import { cutApart } from "../cut-apart.ts";
import { clientPort } from "../lab-site.ts";
import type { Scenario } from "../scenario.ts";

/**
 * The new holder announces for 7 s after its takeover, and from then on every 10 s: nothing comes by itself from the end of this until 8 s after the
 * heal.
 */
const watchedMs = 11_500;

export const clientCutOffToo: Scenario = {
  name: "client-cut-off-too",
  about:
    "The holder and the client are cut off from the others together, another node takes over, and the client forgets nothing by itself; right after the heal it is brought over.",
  prepare: neverForget,
  strike: async (site, { holder, standbys }) => {
    await cutApart(
      site.network,
      [holder.port.name, clientPort],
      standbys.map(({ port }) => port.name),
    );
    return async () => {
      await site.network.healAll();
      await forgetAsUsual(site);
    };
  },
  watchedMs,
  expects: {
    holder: "nobody",
    holderAfter: "another",
    told: ["node.silent", "group.stepped-down", "group.takeover", "node.returned"],
    silenceMsMax: 0,
    silenceAfterHealMsMax: 4_000,
  },
};
