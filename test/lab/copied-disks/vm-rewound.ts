import type { Scenario } from "../scenario.ts";
import { wares } from "../three-writers/wares.ts";
import { RewoundTrial } from "./rewound-trial.ts";
import { staysWhileWritten } from "./stays-while-written.ts";

export const vmRewound: Scenario = {
  name: "vm-rewound",
  about:
    "A standby is put back to a snapshot of all its disks, taken while it ran and wrote; it begins anew, gets back what it lacks, and nothing is lost or counted twice.",
  application: wares,
  trial: () => new RewoundTrial(),
  strike: (site) =>
    Promise.resolve(async () => {
      for (const host of site.hosts) await host.readmit();
    }),
  expects: staysWhileWritten("replication.rewound", "replication.caught-up"),
};
