import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const processorStarved: Scenario = {
  name: "processor-starved",
  about: "Twice as many busy loops as the machine has processors, at the services' own priority; nothing moves.",
  strike: (site) => {
    const load = site.load({ disk: false });
    return Promise.resolve(() => load.end());
  },
  watchedMs: 6_000,
  expects: stays(),
};
