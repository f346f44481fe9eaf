import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AuthenticatedNode } from "../../functions/use-cases/record-events.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { connectedThing, nodePolicy, type PolicyStatement } from "../../shared/protocol/node-policy.ts";
import { closed, type Member, outcome, type RunningBroker, runningBroker } from "../functions/embedded/running-broker.ts";
import { IotCoreModel, type Thing } from "./iot-core-model.ts";
import { type Attempt, attemptsOf, brokerAllows, describeAttempt, expectedOf, type MqttClient } from "./mqtt-profile.ts";

const arn = "arn:aws:iot:eu-central-1:123456789012";
const policy = nodePolicy(arn, connectedThing);

/** Two tenants with two clusters of two nodes each: the profile knows no tenants, only clusters. */
const nodes: readonly AuthenticatedNode[] = ["0", "1", "2", "3"].flatMap((cluster) =>
  ["1", "2"].map((number) => ({
    clusterId: `clus_${cluster.padStart(20, "0")}` as ClusterId,
    nodeId: `node_${`${cluster}${number}`.padStart(20, "0")}` as NodeId,
  })),
);
const members = nodes.map((node, index): MqttClient => ({ label: `node ${index}`, ownId: node.nodeId, node, hasCertificate: true }));
const strangers: readonly MqttClient[] = [
  { label: "removed node", ownId: "node_00000000000000000099", node: undefined, hasCertificate: true },
  { label: "stranger", ownId: nodes[0]?.nodeId ?? "", node: undefined, hasCertificate: false },
];
const clients = [...members, ...strangers];
const things = members.flatMap(({ label, node }): Thing[] => (node === undefined ? [] : [{ ...node, certificateOf: label }]));
const attempts = attemptsOf(clients, nodes);
const sorted = (list: readonly Attempt[]): string[] => list.map(describeAttempt).toSorted();

describe("rights at the cloud's broker", () => {
  const expected = sorted(expectedOf(clients));

  it("everybody tries everything: thousands of attempts, no two the same", () => {
    expect(new Set(sorted(attempts)).size).toBe(attempts.length);
    expect(attempts.length).toBeGreaterThan(2_000);
    expect(expected).toHaveLength(members.length * 10);
  });

  it("the embedded broker allows exactly what the profile says", () => {
    expect(sorted(attempts.filter(brokerAllows))).toEqual(expected);
  });

  it("AWS IoT Core allows exactly the same by the policy document that every node gets", () => {
    const iot = new IotCoreModel(arn, policy, things);
    expect(sorted(attempts.filter((attempt) => iot.allows(attempt)))).toEqual(expected);
  });

  it("and by the document that is made out for one node", () => {
    const [thing] = things;
    if (thing === undefined) throw new Error("there are nodes");
    const iot = new IotCoreModel(arn, nodePolicy(arn, thing), things);
    const own = attempts.filter(({ by }) => by.label === thing.certificateOf);
    expect(sorted(own.filter((attempt) => iot.allows(attempt)))).toEqual(sorted(expectedOf(clients.slice(0, 1))));
  });
});

function unconditional({ Effect, Action, Resource }: PolicyStatement): PolicyStatement {
  return { Effect, Action, Resource };
}

const withResources = (of: (resource: string) => string) => (statement: PolicyStatement) => ({
  ...statement,
  Resource: statement.Resource.map(of),
});

describe("a policy that is wrong shows", () => {
  type Statements = readonly PolicyStatement[];
  const changed = (action: string, change: (statement: PolicyStatement) => PolicyStatement): Statements =>
    policy.Statement.map((statement) => (statement.Action === action ? change(statement) : statement));

  it.each<[string, Statements]>([
    ["under any name", changed("iot:Connect", (statement) => ({ ...unconditional(statement), Resource: [`${arn}:client/*`] }))],
    ["under another node's name", changed("iot:Connect", unconditional)],
    [
      "with a will",
      changed("iot:Connect", (one) => ({
        ...one,
        Condition: { ...one.Condition, "ForAllValues:StringEquals": { "iot:ConnectAttributes": ["LastWill"] } },
      })),
    ],
    [
      "to a whole cluster's topics",
      changed(
        "iot:Publish",
        withResources((one) => one.replace(/[^/]+\/events$/, "*")),
      ),
    ],
    [
      "to another node's events",
      changed(
        "iot:Publish",
        withResources((one) => one.replace(connectedThing.nodeId, "*")),
      ),
    ],
    [
      "to all receipts of its cluster",
      changed(
        "iot:Subscribe",
        withResources((one) => one.replace(connectedThing.nodeId, "+")),
      ),
    ],
    ["retained", [...policy.Statement, { Effect: "Allow", Action: "iot:RetainPublish", Resource: [`${arn}:topic/*`] }]],
    ["to hear nothing", policy.Statement.filter(({ Action }) => Action !== "iot:Receive")],
  ])("%s", (_right, Statement) => {
    const iot = new IotCoreModel(arn, { Statement }, things);
    const own = attempts.filter(({ by }) => by === members[0]);
    expect(sorted(own.filter((attempt) => iot.allows(attempt)))).not.toEqual(sorted(expectedOf(members.slice(0, 1))));
  });
});

function clientOf(member: Member): MqttClient {
  return { label: member.label, ownId: member.nodeId, node: member, hasCertificate: true };
}

describe("rights at the running broker", () => {
  let running: RunningBroker;
  beforeAll(async () => {
    running = await runningBroker("AB");
  });
  afterEach(async () => running.tidy());
  afterAll(async () => running.close());

  /** Whatever is allowed, and one in so many of what is not: each of those costs a connection, or a way to the broker and back. */
  const sample = (member: Member, oneIn: number): readonly Attempt[] =>
    attemptsOf([clientOf(member)], running.members).filter((attempt, index) => brokerAllows(attempt) || index % oneIn === 0);

  it.each(["A1", "A2", "B1", "B2"])("%s: its subscriptions are answered as the rules say", async (label) => {
    const member = running.member(label);
    const client = await running.connected(member);
    for (const attempt of sample(member, 7)) {
      const { action } = attempt;
      if (action.kind !== "subscribe" || action.qos === 2) continue;
      const [grant] = await client.subscribeAsync(action.filter, { qos: action.qos }).catch(() => [{ qos: 128 }]);
      expect(grant !== undefined && grant.qos < 128, describeAttempt(attempt)).toBe(brokerAllows(attempt));
    }
  });

  it.each(["A1", "B2"])("%s publishes what the rules say, and is disconnected for anything else", async (label) => {
    const member = running.member(label);
    for (const attempt of sample(member, 11)) {
      const { action } = attempt;
      if (action.kind !== "publish" || action.qos !== 1) continue;
      running.received.length = 0;
      const client = await running.connected(member);
      const gone = closed(client);
      client.publish(action.topic, "x".repeat(action.bytes), { qos: 1, retain: action.retain });
      if (brokerAllows(attempt)) {
        await expect.poll(() => running.received.map(({ text }) => text.length), { message: action.topic }).toEqual([action.bytes]);
        expect(running.received[0]?.sender.nodeId).toBe(member.nodeId);
        await client.endAsync(true);
      } else {
        await gone;
        expect(running.received, describeAttempt(attempt)).toEqual([]);
      }
    }
  });

  it("connects as the rules say: under whatever name, with and without a will and a lasting session", async () => {
    const member = running.member("B1");
    const will = { topic: "x", payload: Buffer.from("x") };
    for (const attempt of sample(member, 3)) {
      const { action } = attempt;
      // A client without a name is given one by the library.
      if (action.kind !== "connect" || action.clientId === "") continue;
      const client = running.connect(member, { clientId: action.clientId, clean: action.isClean, ...(action.hasWill ? { will } : {}) });
      expect(await outcome(client), describeAttempt(attempt)).toBe(brokerAllows(attempt) ? "connected" : "refused");
      await client.endAsync(true);
    }
  });
});
