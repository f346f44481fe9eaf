import { describeEvent } from "../../../shared/domain/monitoring/describe-event.ts";
import { eventBatchSchema, eventReceiptSchema, nodeReportSchema, signedDocumentSchema } from "../../../shared/protocol/cloud-messages.ts";
import { cloudAnswerSchema, cloudQuestionSchema, cloudVotesSchema } from "../../../shared/protocol/cloud-vote-schema.ts";
import { customerId, names, nodeA, nodeB, sampleAlert, takeover } from "../../functions/notify/sample-alert.ts";
import { type FuzzTarget, jsonForm, jsonIn, jsonSeeds, promise, sameAs } from "../fuzz-target.ts";

const about = {
  eventId: "clus/default/7/group.takeover",
  clusterId: "clus_00000000000000000001",
  reporter: nodeB,
  at: "2026-11-21T10:02:03.120Z",
};
const details = [
  takeover,
  { kind: "check.failed", group: "default", check: "web", reason: "no answer", when: "operational", service: null },
  { kind: "dns.update_failed", group: "default", record: "phones.example.com A", server: null, reason: "refused" },
  { kind: "quorum.lost" },
  { kind: "node.silent", node: nodeA, silentMs: 1_000 },
  { kind: "agent.detached" },
];

const schemas = [
  eventBatchSchema,
  eventReceiptSchema,
  nodeReportSchema,
  signedDocumentSchema,
  cloudQuestionSchema,
  cloudAnswerSchema,
  cloudVotesSchema,
];

const report = {
  clusterId: about.clusterId,
  nodeId: nodeA,
  at: about.at,
  agentVersion: "0.1.0",
  incarnation: 3,
  documentVersion: 7,
  groups: [{ name: "default", state: "standby", epoch: 7, holder: nodeB, ineligible: "its health check fails" }],
  peers: [{ nodeId: nodeB, reachable: true, lastHeardMs: 20, paths: [{ name: "main", heard: true }] }],
  dataSets: [
    { name: "application", phase: "following", vector: { [`${nodeA}:1`]: 4 }, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 },
  ],
};

export const cloudMessage: FuzzTarget = {
  name: "cloud-message",
  reads: "events, reports, receipts and votes between a node and the control plane; events in words and as alerts",
  share: 14,
  seeds: jsonSeeds(
    { events: details.map((detail) => ({ ...about, severity: "critical", detail })) },
    report,
    { stored: [about.eventId], refused: [{ eventId: "x", reason: "no" }] },
    { document: "a.b.c" },
    { type: "ask", incarnation: 1, documentVersion: 2, group: "default", epoch: 3, requestId: 4, forUs: 5, expired: null },
    { documentVersion: 1, verdict: { granted: false, reason: "older-epoch" }, promises: [] },
  ),
  form: jsonForm,
  words: [customerId, nodeA, "group.failback", "group.takeover"],
  execute: (input) => {
    const value = jsonIn(input);
    let isTaken = false;
    for (const schema of schemas) {
      const parsed = schema.safeParse(value);
      if (!parsed.success) continue;
      isTaken = true;
      sameAs(schema.parse(JSON.parse(JSON.stringify(parsed.data))), parsed.data, "a message");
    }
    const batch = eventBatchSchema.safeParse(value);
    for (const { detail, reporter, eventId } of batch.success ? batch.data.events : []) {
      promise(describeEvent(detail, reporter, (node) => node) !== "", "an event has no words");
      const { subject, smsText } = sampleAlert({ eventId, detail, names });
      promise(
        /^[\x20-\x7e]{1,100}$/.test(subject) && /^[\x20-\x7e]{1,140}$/.test(smsText),
        "a subject or a short message is not one line of ASCII",
      );
    }
    return isTaken ? "accepted" : "refused";
  },
};
