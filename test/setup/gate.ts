/** The gate, which has twenty minutes on a machine that may be shared, and then takes twice its time: there `CI` is set. `npm test` runs everything, and searches in full, wherever it is not. */
export const isGate = process.env["CI"] !== undefined;

/** How far is searched by chance. Any number by command: `npm run simulate`, `simulate:replication` and `fuzz`. */
export const searched = isGate
  ? { failoverSeeds: 60, replicationSeeds: 120, fuzzedInputs: 60_000 }
  : { failoverSeeds: 1_000, replicationSeeds: 2_000, fuzzedInputs: 1_000_000 };

/** By how many times longer than usual the tests wait for what comes in the end: a machine whose processors others have shall be late, and not wrong. What must not be late is measured all the same. */
export const patience = 3;

/** The longest files of which others show most, on real agents or by simulation. Whoever changes what they are about runs them. */
export const leftOutOfGate = {
  unit: [
    "test/agent/cli/records.test.ts",
    "test/agent/compare/drift.test.ts",
    "test/agent/files/killed-batch.test.ts",
    "test/agent/files/replicated-tree.test.ts",
    "test/agent/records/record-desk.test.ts",
    "test/agent/records/records-endpoint.test.ts",
    "test/agent/replication/away.test.ts",
    "test/agent/replication/barrier.test.ts",
    "test/agent/replication/column-conflicts.test.ts",
    "test/agent/replication/conflict-policies.test.ts",
    "test/agent/replication/foreign-keys.test.ts",
    "test/agent/replication/full-disk.test.ts",
    "test/agent/replication/join-faults.test.ts",
    "test/agent/replication/killed-anywhere.test.ts",
    "test/agent/replication/killed-nodes.test.ts",
    "test/agent/replication/open-conflicts.test.ts",
    "test/agent/replication/retention.test.ts",
    "test/agent/replication/return-events.test.ts",
    "test/agent/replication/stalls.test.ts",
    "test/agent/replication/three-nodes.test.ts",
    "test/agent/replication/undo-join.test.ts",
    "test/agent/resources/lan-lookout.test.ts",
    "test/bench/files/files-site.test.ts",
    "test/functions/api/access-matrix.test.ts",
    "test/functions/embedded/sns/subscriber-process.test.ts",
    "test/functions/licences/licence-table.test.ts",
    "test/functions/use-cases/alert-faults.test.ts",
    "test/functions/use-cases/alert-storm.test.ts",
    "test/functions/use-cases/node-certificates.test.ts",
    "test/infra/function-bundles.test.ts",
    "test/scenarios/rare-bugs.test.ts",
    "test/security/busy-tenant.test.ts",
    "test/shared/domain/failover/transition-rows.test.ts",
  ],
  simulation: ["test/simulation/mutants.test.ts", "test/simulation/replication/mutants.test.ts", "test/simulation/cloud-witness.test.ts"],
  system: [
    "test/browser/embedded-console.test.ts",
    "test/browser/fleet.test.ts",
    "test/system/active-active.test.ts",
    "test/system/agent-approver.test.ts",
    "test/system/agent-certificate.test.ts",
    "test/system/agent-checks.test.ts",
    "test/system/agent-circumstances.test.ts",
    "test/system/agent-detach.test.ts",
    "test/system/agent-enrolment.test.ts",
    "test/system/agent-files.test.ts",
    "test/system/agent-package.test.ts",
    "test/system/agent-records.test.ts",
    "test/system/agent-survivor.test.ts",
    "test/system/agent-switchover.test.ts",
    "test/system/agent-triggers.test.ts",
    "test/system/agent-witness.test.ts",
    "test/system/cloud-away.test.ts",
    "test/system/demo.test.ts",
    "test/system/demo-own-database.test.ts",
    "test/system/dns-answer.test.ts",
    "test/system/refusals.test.ts",
  ],
} as const;
