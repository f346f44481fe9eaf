import type { FailoverSettings } from "../failover/failover-settings.ts";
import { timingProblems } from "../failover/timing-rules.ts";
import { dataSetProblems } from "../replication/data-set-rules.ts";
import { triggerProblems } from "../triggers/trigger-rules.ts";
import { answerProblems } from "./answer-rules.ts";
import type { ClusterDocument, PriorityGroup } from "./cluster-document.ts";
import type { DocumentProblem } from "./document-problem.ts";
import { lanWitnessOf } from "./members.ts";
import { resourceProblems } from "./resource-rules.ts";

/** What must hold across the parts of a cluster document; the shape of each part is its schema's. Every problem at once; none: the document is sound. */
export function documentProblems(document: ClusterDocument, settings: FailoverSettings): readonly DocumentProblem[] {
  return [
    ...repeats("nodes", "nodeId", document.nodes, (node) => node.nodeId),
    ...repeats("nodes", "name", document.nodes, (node) => node.name),
    ...certificateProblems(document),
    ...witnessProblems(document),
    ...whenAloneProblems(document),
    ...listenerProblems(document),
    ...primaryProblems(document),
    ...repeats("groups", "name", document.groups, (group) => group.name),
    ...defaultGroupProblems(document),
    ...document.groups.flatMap((group, index) => groupProblems(document, group, `groups.${index}`)),
    ...resourceProblems(document),
    ...answerProblems(document),
    ...(typeof document.timing === "string" ? [] : timingProblems(document.timing, settings)),
    ...repeats("dataSets", "name", document.dataSets, (dataSet) => dataSet.name),
    ...document.dataSets.flatMap((dataSet, index) =>
      dataSet.kind === "shared"
        ? []
        : repeats(`dataSets.${index}.local`, "", dataSet.local, (part) => (typeof part === "string" ? part : JSON.stringify(part))),
    ),
    ...dataSetProblems(document),
    ...triggerProblems(document),
  ];
}

/** A certificate stands for one member, and a member's next one is another one. */
function certificateProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const witness = lanWitnessOf(document);
  const certified = [
    ...document.nodes.map((node, index) => ({ path: `nodes.${index}`, node })),
    ...(witness === null ? [] : [{ path: "witness", node: witness }]),
  ];
  const shown = certified.flatMap(({ path, node: { certificateSha256, nextCertificate } }) => [
    { path: `${path}.certificateSha256`, sha256: certificateSha256 },
    ...(nextCertificate === undefined ? [] : [{ path: `${path}.nextCertificate.sha256`, sha256: nextCertificate.sha256 }]),
  ]);
  const first = new Map(shown.toReversed().map(({ path, sha256 }) => [sha256, path]));
  return shown.flatMap(({ path, sha256 }) =>
    first.get(sha256) === path ? [] : [{ path, message: `${sha256} occurs twice: each certificate is one member's` }],
  );
}

/** One of the nodes over again would be no further vote. */
function witnessProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const { nodes } = document;
  const witness = lanWitnessOf(document);
  if (witness === null) return [];
  const fields = ["nodeId", "name"] as const;
  return fields.flatMap((field) =>
    nodes.some((node) => node[field] === witness[field])
      ? [{ path: `witness.${field}`, message: `${witness[field]} is that of a node: a witness is none of the nodes` }]
      : [],
  );
}

/** With a third voter a majority decides, and a learner is about to be one. */
function whenAloneProblems({ nodes, whenAlone = "stop" }: ClusterDocument): readonly DocumentProblem[] {
  if (whenAlone === "stop" || nodes.length <= 2) return [];
  return [{ path: "whenAlone", message: `${whenAlone} is for two nodes alone, and this cluster has ${nodes.length}` }];
}

/** Two listeners on one host need two ports, and so do two nodes on one host. */
function listenerProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const { nodes } = document;
  const witness = lanWitnessOf(document);
  const ofWitness = witness === null ? [] : [{ path: "witness.heartbeatPort", address: `${witness.host}:${witness.heartbeatPort}` }];
  const ofNodes = nodes.flatMap(({ host, heartbeatPort, replicationPort, paths = [] }, index) => [
    { path: `nodes.${index}.heartbeatPort`, address: `${host}:${heartbeatPort}` },
    { path: `nodes.${index}.replicationPort`, address: `${host}:${replicationPort}` },
    ...paths.flatMap((further, at) =>
      [heartbeatPort, replicationPort].map((port) => ({ path: `nodes.${index}.paths.${at}.host`, address: `${further.host}:${port}` })),
    ),
  ]);
  const addresses = [...ofNodes, ...ofWitness];
  const seen = new Set<string>();
  return addresses.flatMap(({ path, address }) => {
    if (!seen.has(address)) {
      seen.add(address);
      return [];
    }
    return [{ path, message: `${address} is used twice: every listener needs an address of its own` }];
  });
}

function primaryProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const primaries = document.nodes.filter((node) => node.role === "primary").length;
  if (primaries <= 1) return [];
  return [{ path: "nodes", message: `${primaries} nodes are primary: at most one may be` }];
}

function defaultGroupProblems(document: ClusterDocument): readonly DocumentProblem[] {
  if (document.groups.some((group) => group.name === "default")) return [];
  return [{ path: "groups", message: "the group default is missing: every cluster has it" }];
}

function groupProblems(document: ClusterDocument, group: PriorityGroup, path: string): readonly DocumentProblem[] {
  const members = new Set(document.nodes.map((node) => node.nodeId));
  const strangers = group.order.flatMap((node, index) =>
    members.has(node) ? [] : [{ path: `${path}.order.${index}`, message: `${node} is not a node of this cluster` }],
  );
  return [...strangers, ...repeats(`${path}.order`, "", group.order, (node) => node)];
}

function repeats<Entry>(
  path: string,
  field: string,
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
): readonly DocumentProblem[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const key = keyOf(entry);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ path: [path, index, field].filter((part) => part !== "").join("."), message: `${key} occurs twice` }];
  });
}
