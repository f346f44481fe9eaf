import { describe, expect, it } from "vitest";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { connectedThing, nodePolicy } from "../../../shared/protocol/node-policy.ts";

const arn = "arn:aws:iot:eu-central-1:123456789012";
const node = { clusterId: "clus_00000000000000000001" as ClusterId, nodeId: "node_00000000000000000002" as NodeId };
/** AWS IoT Core takes no policy with more characters, white space not counted. */
const charactersMax = 2_048;

describe("policy of a node at the cloud's broker", () => {
  const policy = nodePolicy(arn, node);
  const resourcesOf = (action: string): readonly string[] =>
    policy.Statement.filter((statement) => statement.Action === action).flatMap(({ Resource }) => Resource);

  it("names exactly the node's own topics, each for what the node does there", () => {
    const { clusterId, nodeId } = node;
    expect(resourcesOf("iot:Connect")).toEqual([`${arn}:client/${nodeId}`]);
    expect(resourcesOf("iot:Publish")).toEqual(
      ["events", "report"].map((topic) => `${arn}:topic/understudy/v1/${clusterId}/${nodeId}/${topic}`),
    );
    const heard = [`understudy/v1/${clusterId}/document`, `understudy/v1/${clusterId}/${nodeId}/receipts`];
    expect(resourcesOf("iot:Subscribe")).toEqual(heard.map((topic) => `${arn}:topicfilter/${topic}`));
    expect(resourcesOf("iot:Receive")).toEqual(heard.map((topic) => `${arn}:topic/${topic}`));
  });

  it("has no wildcard, no retained messages, no will and no session that outlasts its connection", () => {
    expect(JSON.stringify(policy)).not.toMatch(/[*?+#]/);
    expect(policy.Statement.map(({ Action }) => Action).toSorted()).toEqual(["iot:Connect", "iot:Publish", "iot:Receive", "iot:Subscribe"]);
    expect(policy.Statement[0]?.Condition).toMatchObject({ "ForAllValues:StringEquals": { "iot:ConnectAttributes": [] } });
  });

  it("serves every node as one document, within what AWS IoT Core takes", () => {
    const fleet = nodePolicy("arn:aws-us-gov:iot:ap-northeast-1:123456789012", connectedThing);
    expect(JSON.stringify(fleet).length).toBeLessThanOrEqual(charactersMax);
    const filledIn = JSON.stringify(nodePolicy(arn, connectedThing))
      .replaceAll(connectedThing.clusterId, node.clusterId)
      .replaceAll(connectedThing.nodeId, node.nodeId);
    expect(JSON.parse(filledIn)).toEqual(policy);
  });
});
