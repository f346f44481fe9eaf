import type { ClusterId, NodeId } from "../domain/ids.ts";
import { cloudTopics } from "./topics.ts";

/** One statement of an AWS IoT Core policy: what is in none is refused. */
export interface PolicyStatement {
  readonly Effect: "Allow";
  readonly Action: string;
  /** ARNs. */
  readonly Resource: readonly string[];
  /** Operator, key, values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/** Whom the policy is for: one node, or what AWS IoT Core knows of whoever is connecting. */
export interface PolicyIdentity {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
}

/** The attribute of a node's thing that holds its cluster's id. */
export const clusterAttribute = "clusterId";

/**
 * Filled in by AWS IoT Core with each connection, from the thing that the certificate is attached to: so one policy serves every node, and none gets more than its own
 * topics. They stay empty, and everything is refused, where the client id is not the name of that thing.
 */
export const connectedThing: PolicyIdentity = {
  clusterId: `\${iot:Connection.Thing.Attributes[${clusterAttribute}]}` as ClusterId,
  nodeId: "${iot:Connection.Thing.ThingName}" as NodeId,
};

/**
 * What a node may do at the cloud's broker, as AWS IoT Core's policy document: the same rights that the embedded broker gives (topic-rights.ts, iot-limits.ts). Exact
 * topics, no wildcards; no wills and no sessions that outlast a connection (no connect attributes at all); retained messages (`iot:RetainPublish`) from the cloud alone.
 *
 * @param arn `arn:PARTITION:iot:REGION:ACCOUNT`
 */
export function nodePolicy(arn: string, { clusterId, nodeId }: PolicyIdentity): PolicyDocument {
  const publishes = [cloudTopics.events(clusterId, nodeId), cloudTopics.report(clusterId, nodeId)];
  const hears = [cloudTopics.document(clusterId), cloudTopics.receipts(clusterId, nodeId)];
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "iot:Connect",
        Resource: [`${arn}:client/${nodeId}`],
        Condition: {
          Bool: { "iot:Connection.Thing.IsAttached": ["true"] },
          "ForAllValues:StringEquals": { "iot:ConnectAttributes": [] },
        },
      },
      { Effect: "Allow", Action: "iot:Publish", Resource: publishes.map((topic) => `${arn}:topic/${topic}`) },
      { Effect: "Allow", Action: "iot:Subscribe", Resource: hears.map((topic) => `${arn}:topicfilter/${topic}`) },
      { Effect: "Allow", Action: "iot:Receive", Resource: hears.map((topic) => `${arn}:topic/${topic}`) },
    ],
  };
}
