import { connectProblem, publishProblem, subscriptionAllowed, topicLevelsMax } from "../../functions/embedded/iot-limits.ts";
import type { AuthenticatedNode } from "../../functions/use-cases/record-events.ts";
import { limits } from "../../shared/config/limits.ts";
import { cloudTopics, lanTopics } from "../../shared/protocol/topics.ts";

/** Who comes to the cloud's broker. */
export interface MqttClient {
  readonly label: string;
  /** The client id that it would be right for it to use. */
  readonly ownId: string;
  /** Undefined: its certificate is none of a node that a cluster document names. */
  readonly node: AuthenticatedNode | undefined;
  /** False: the TLS handshake brought none that the cloud knows. */
  readonly hasCertificate: boolean;
}

export type MqttAction =
  | { readonly kind: "connect"; readonly clientId: string; readonly hasWill: boolean; readonly isClean: boolean }
  | { readonly kind: "publish"; readonly topic: string; readonly qos: 0 | 1 | 2; readonly retain: boolean; readonly bytes: number }
  | { readonly kind: "subscribe"; readonly filter: string; readonly qos: 0 | 1 | 2 };

export interface Attempt {
  readonly by: MqttClient;
  readonly action: MqttAction;
}

/** What the embedded broker says, by the rules that it asks (iot-limits.ts, topic-rights.ts). */
export function brokerAllows({ by: { node, ownId }, action }: Attempt): boolean {
  if (action.kind === "connect") return connectProblem(node, action) === undefined;
  if (connectProblem(node, { clientId: ownId, hasWill: false, isClean: true }) !== undefined) return false;
  if (action.kind === "publish") return publishProblem(node, { ...action, payload: { length: action.bytes } }) === undefined;
  return subscriptionAllowed(node, { topic: action.filter, qos: action.qos });
}

/** What the profile says in words, and nobody's code: a node gets in under its own id, tells of itself, and hears its cluster's document and its own receipts. */
export function expectedOf(clients: readonly MqttClient[]): readonly Attempt[] {
  return clients.flatMap((by) => {
    if (by.node === undefined) return [];
    const own = `understudy/v1/${by.node.clusterId}/${by.node.nodeId}`;
    const publishes = [`${own}/events`, `${own}/report`];
    const hears = [`understudy/v1/${by.node.clusterId}/document`, `${own}/receipts`];
    const actions: MqttAction[] = [
      { kind: "connect", clientId: by.node.nodeId, hasWill: false, isClean: true },
      ...publishes.flatMap((topic) => publishesOf(topic).filter(({ qos, retain, bytes }) => qos < 2 && !retain && bytes < 1_000)),
      { kind: "publish", topic: `${own}/events`, qos: 1, retain: false, bytes: limits.cloudMessageBytesMax },
      ...hears.flatMap((filter) => subscriptionsOf(filter).filter(({ qos }) => qos < 2)),
    ];
    return actions.map((action) => ({ by, action }));
  });
}

/** Everybody tries everything: each kind of topic of each node, exact and with wildcards, each quality of service, wills, retained messages, others' names. */
export function attemptsOf(clients: readonly MqttClient[], nodes: readonly AuthenticatedNode[]): readonly Attempt[] {
  const own = nodes.flatMap(ownTopics);
  const topics = [...new Set([...own, ...otherTopics(nodes)])];
  const filters = [...new Set([...topics, ...own.flatMap(wildcardsOf)])];
  const clientIds = [...new Set([...clients.map(({ ownId }) => ownId), ...strangeClientIds(nodes)])];
  return clients.flatMap((by) => {
    const connects = clientIds.flatMap((clientId) =>
      [false, true].flatMap((hasWill) => [true, false].map((isClean): MqttAction => ({ kind: "connect", clientId, hasWill, isClean }))),
    );
    const sizes = topics
      .filter((topic) => topic.endsWith("/events"))
      .flatMap((topic) =>
        [limits.cloudMessageBytesMax, limits.cloudMessageBytesMax + 1].map(
          (bytes): MqttAction => ({ kind: "publish", topic, qos: 1, retain: false, bytes }),
        ),
      );
    const actions: MqttAction[] = [...connects, ...topics.flatMap(publishesOf), ...sizes, ...filters.flatMap(subscriptionsOf)];
    return actions.map((action) => ({ by, action }));
  });
}

export function describeAttempt({ by, action }: Attempt): string {
  return `${by.label}: ${JSON.stringify(action)}`;
}

function publishesOf(topic: string): Extract<MqttAction, { kind: "publish" }>[] {
  return ([0, 1, 2] as const).flatMap((qos) =>
    [false, true].map((retain) => ({ kind: "publish" as const, topic, qos, retain, bytes: 100 })),
  );
}

function subscriptionsOf(filter: string): Extract<MqttAction, { kind: "subscribe" }>[] {
  return ([0, 1, 2] as const).map((qos) => ({ kind: "subscribe" as const, filter, qos }));
}

/** Of the profile: what each node has to do with the cloud. */
function ownTopics({ clusterId, nodeId }: AuthenticatedNode): readonly string[] {
  return [
    cloudTopics.document(clusterId),
    cloudTopics.events(clusterId, nodeId),
    cloudTopics.report(clusterId, nodeId),
    cloudTopics.receipts(clusterId, nodeId),
  ];
}

/** Of the LAN, of AWS IoT Core itself, of nobody: a node's name under another cluster's. */
function otherTopics(nodes: readonly AuthenticatedNode[]): readonly string[] {
  const each = nodes.flatMap(({ clusterId, nodeId }, index) => {
    const other = nodes.at(index - 2)?.clusterId ?? clusterId;
    const crossed = [cloudTopics.events(other, nodeId), cloudTopics.receipts(other, nodeId)];
    return [...crossed, lanTopics.from(clusterId, nodeId), `$aws/things/${nodeId}/shadow/update`];
  });
  const deep = Array.from({ length: topicLevelsMax + 1 }, () => "x").join("/");
  return [...each, "understudy/v1", "$SYS/broker", "$aws/events/presence/connected/x", "x", deep];
}

/** Of the broker (`+`, `#`, shared subscriptions), of policies (`*`, `?`), and near misses. */
function wildcardsOf(topic: string): readonly string[] {
  const levels = topic.split("/");
  const last = levels.length - 1;
  return [
    ...levels.map((_, index) => levels.with(index, "+").join("/")),
    ...[0, 2, last].map((index) => [...levels.slice(0, index), "#"].join("/")),
    levels.with(last, "*").join("/"),
    `${topic.slice(0, -1)}?`,
    `$share/group/${topic}`,
    `${topic}/`,
  ];
}

function strangeClientIds(nodes: readonly AuthenticatedNode[]): readonly string[] {
  const first = nodes[0]?.nodeId ?? "";
  return [
    "cloud",
    "+",
    "#",
    "*",
    "?",
    "",
    "${iot:ClientId}",
    `${first}.link`,
    `${first}x`,
    first.toUpperCase(),
    first.slice(0, -1),
    "x".repeat(129),
  ];
}
