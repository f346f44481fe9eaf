/**
 * What the gate leaves out, since it has twenty minutes: the longest files of which others show most, on real agents or by simulation. `npm test` runs them wherever `CI` is not
 * set, and so does whoever changes what they are about.
 */
export const leftOutOfGate = {
  unit: [
    "test/agent/compare/drift.test.ts",
    "test/agent/files/replicated-tree.test.ts",
    "test/agent/replication/away.test.ts",
    "test/agent/replication/foreign-keys.test.ts",
    "test/agent/replication/return-events.test.ts",
    "test/agent/replication/stalls.test.ts",
    "test/agent/replication/three-nodes.test.ts",
    "test/functions/use-cases/alert-faults.test.ts",
  ],
  simulation: ["test/simulation/mutants.test.ts", "test/simulation/replication/mutants.test.ts", "test/simulation/cloud-witness.test.ts"],
  system: [
    "test/browser/embedded-console.test.ts",
    "test/browser/fleet.test.ts",
    "test/system/active-active.test.ts",
    "test/system/agent-circumstances.test.ts",
    "test/system/agent-detach.test.ts",
    "test/system/agent-files.test.ts",
    "test/system/agent-package.test.ts",
    "test/system/agent-records.test.ts",
    "test/system/agent-survivor.test.ts",
    "test/system/agent-switchover.test.ts",
    "test/system/agent-triggers.test.ts",
    "test/system/agent-witness.test.ts",
    "test/system/dns-answer.test.ts",
    "test/system/refusals.test.ts",
  ],
} as const;
