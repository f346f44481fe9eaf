import { graceEndMs, standingOf, termOf } from "../../../shared/domain/licensing/licence-term.ts";
import { contradictions } from "../../../shared/domain/licensing/licensed-roles.ts";
import { licencePayloadSchema } from "../../../shared/protocol/licence-schema.ts";
import { type FuzzTarget, jsonForm, jsonIn, jsonSeeds, promise, sameAs } from "../fuzz-target.ts";

const nowMs = Date.UTC(2026, 10, 22);
const licence = {
  schema: 1,
  licenceId: `lic_${"0".repeat(20)}`,
  customerId: `cust_${"1".repeat(20)}`,
  clusterId: `clus_${"1".repeat(20)}`,
  nodes: 2,
  users: 64,
  entitlements: ["replication", "active_cluster_member"],
  members: [{ hardwareAddress: "02:00:5e:10:00:01", role: "primary" }],
  validFrom: "2026-01-01T00:00:00.000Z",
  validUntil: "2026-12-31T00:00:00.000Z",
  graceDays: 30,
};

export const licencePayload: FuzzTarget = {
  name: "licence",
  reads: "what a licence says, once its signature holds",
  share: 30,
  seeds: jsonSeeds(licence, { ...licence, trial: true }),
  form: jsonForm,
  execute: (input) => {
    const parsed = licencePayloadSchema.safeParse(jsonIn(input));
    if (!parsed.success) return "refused";
    const { data } = parsed;
    sameAs(licencePayloadSchema.parse(JSON.parse(JSON.stringify(data))), data, "a licence");
    const term = termOf(data, { validFromMs: Date.parse(data.validFrom), validUntilMs: Date.parse(data.validUntil) });
    promise(Number.isFinite(term.validFromMs) && Number.isFinite(graceEndMs(term)), "a licence is valid until no time at all");
    standingOf(term, nowMs);
    contradictions(term, [term], nowMs);
    return "accepted";
  },
};
