import { failoverSettings } from "../../../shared/config/timing.ts";
import { describeChange } from "../../../shared/domain/membership/describe-change.ts";
import { dnsZonesOf } from "../../../shared/domain/membership/dns-zones.ts";
import { documentProblems } from "../../../shared/domain/membership/document-rules.ts";
import { clusterDocumentSchema } from "../../../shared/protocol/cluster-document-schema.ts";
import { answeringDocument, dnsAnswer, groupWith } from "../../agent/dns/answered-zone.ts";
import { type FuzzTarget, jsonForm, jsonIn, jsonSeeds, promise, sameAs } from "../fuzz-target.ts";
import { trigger, webhookAction } from "./sample-trigger.ts";

const plain = answeringDocument([
  groupWith([
    { kind: "service", name: "telephony" },
    { kind: "address", name: "vip", address: "192.0.2.200/24" },
  ]),
]);
const rich = answeringDocument([groupWith([dnsAnswer("phones")]), groupWith([], "paging")]);

export const clusterDocument: FuzzTarget = {
  name: "cluster-document",
  reads: "cluster documents, their shape and the rules across their parts; what a change of one means, in words",
  share: 6,
  seeds: jsonSeeds(plain, rich, { ...plain, triggers: [trigger(webhookAction("https://example.com/hook"))], whenAlone: "probe" }),
  form: jsonForm,
  execute: (input) => {
    const parsed = clusterDocumentSchema.safeParse(jsonIn(input));
    if (!parsed.success) return "refused";
    const document = parsed.data;
    sameAs(clusterDocumentSchema.parse(JSON.parse(JSON.stringify(document))), document, "a document");
    const problems = documentProblems(document, failoverSettings);
    promise(
      problems.every(({ message }) => message !== ""),
      "a problem without words",
    );
    if (problems.length > 0) return "refused";
    dnsZonesOf(document);
    promise(describeChange(document, document).length === 0, "no change at all has consequences");
    describeChange(plain, document);
    return "accepted";
  },
};
