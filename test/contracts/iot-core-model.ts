import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { clusterAttribute, type PolicyDocument, type PolicyStatement } from "../../shared/protocol/node-policy.ts";
import type { Attempt, MqttClient } from "./mqtt-profile.ts";

/** One statement as AWS IoT Core takes it: more than our own policy uses, so that a wrong policy can be told from a right one. */
type Statement = Omit<PolicyStatement, "Effect"> & { readonly Effect: "Allow" | "Deny" };

/** A thing of the registry: what policy variables are filled in from, and whose certificate is attached to it. */
export interface Thing {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
  /** Client labels of `mqtt-profile.ts`: who shows this thing's certificate. */
  readonly certificateOf: string;
}

/** Seven slashes. */
const levelsMax = 8;

type Context = ReadonlyMap<string, readonly string[]>;

/**
 * Says what AWS IoT Core would, as its documents describe it: its own limits first, then the policy, with variables filled in from the thing that is called like the
 * client id, `*` and `?` as wildcards of policies, `+` and `#` as plain characters, an explicit deny before any allow, and a refusal where nothing allows.
 */
export class IotCoreModel {
  readonly #arn: string;
  readonly #statements: readonly Statement[];
  readonly #things: ReadonlyMap<string, Thing>;

  constructor(arn: string, policy: PolicyDocument | { readonly Statement: readonly Statement[] }, things: readonly Thing[]) {
    this.#arn = arn;
    this.#statements = policy.Statement;
    this.#things = new Map(things.map((thing) => [thing.nodeId, thing]));
  }

  /** Whether it succeeds. What needs a connection is tried over one with the client's own id, if it gets that. */
  allows({ by, action }: Attempt): boolean {
    if (action.kind === "connect") return this.#connects(by, action);
    if (!this.#connects(by, { clientId: by.ownId, hasWill: false, isClean: true })) return false;
    const variables = this.#context(by, by.ownId, []);
    const may = (operation: string, resource: string) => this.#evaluate(operation, resource, variables);
    if (action.kind === "publish") {
      if (action.qos > 1 || action.bytes > limits.cloudMessageBytesMax || !isTopic(action.topic)) return false;
      return may("iot:Publish", `topic/${action.topic}`) && (!action.retain || may("iot:RetainPublish", `topic/${action.topic}`));
    }
    if (action.qos > 1 || action.filter.split("/").length > levelsMax) return false;
    // What is subscribed to and never delivered would be no right at all.
    return may("iot:Subscribe", `topicfilter/${action.filter}`) && may("iot:Receive", `topic/${action.filter}`);
  }

  #connects(by: MqttClient, { clientId, hasWill, isClean }: { clientId: string; hasWill: boolean; isClean: boolean }): boolean {
    if (!by.hasCertificate || clientId === "" || Buffer.byteLength(clientId) > 128) return false;
    const attributes = [...(hasWill ? ["LastWill"] : []), ...(isClean ? [] : ["PersistentConnect"])];
    return this.#evaluate("iot:Connect", `client/${clientId}`, this.#context(by, clientId, attributes));
  }

  /** Without a thing of that name its variables are not there, and what uses them matches nothing. */
  #context(by: MqttClient, clientId: string, connectAttributes: readonly string[]): Context {
    const thing = this.#things.get(clientId);
    const always: [string, readonly string[]][] = [
      ["iot:ClientId", [clientId]],
      ["iot:ConnectAttributes", connectAttributes],
      ["iot:Connection.Thing.IsAttached", [String(thing?.certificateOf === by.label)]],
    ];
    if (thing === undefined) return new Map(always);
    return new Map([
      ...always,
      ["iot:Connection.Thing.ThingName", [thing.nodeId]],
      [`iot:Connection.Thing.Attributes[${clusterAttribute}]`, [thing.clusterId]],
    ]);
  }

  #evaluate(operation: string, resource: string, context: Context): boolean {
    const matching = this.#statements.filter(
      (statement) =>
        matches(statement.Action, operation) &&
        statement.Resource.some((pattern) => covers(pattern, `${this.#arn}:${resource}`, context)) &&
        holds(statement.Condition ?? {}, context),
    );
    return matching.some(({ Effect }) => Effect === "Allow") && !matching.some(({ Effect }) => Effect === "Deny");
  }
}

function isTopic(topic: string): boolean {
  return topic.length > 0 && !/[+#]/.test(topic) && topic.split("/").length <= levelsMax && Buffer.byteLength(topic) <= 256;
}

/** A value that is filled in is taken as it stands: a wildcard in it matches only itself. */
function covers(pattern: string, resource: string, context: Context): boolean {
  let isKnown = true;
  const parts = pattern.split(/(\$\{[^}]+\})/).map((part) => {
    if (!part.startsWith("${")) return escaped(part).replaceAll("\\*", ".*").replaceAll("\\?", ".");
    const [value] = context.get(part.slice(2, -1)) ?? [];
    isKnown &&= value !== undefined;
    return escaped(value ?? "");
  });
  return isKnown && compiled(parts.join("")).test(resource);
}

/** Few patterns meet many resources. */
const known = new Map<string, RegExp>();
function compiled(source: string): RegExp {
  const pattern = known.get(source) ?? new RegExp(`^${source}$`, "s");
  known.set(source, pattern);
  return pattern;
}

function matches(pattern: string, text: string): boolean {
  return compiled(escaped(pattern).replaceAll("\\*", ".*")).test(text);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** All operators and keys must hold. An operator that is not known here fails the test that brought it, not the request. */
function holds(condition: NonNullable<Statement["Condition"]>, context: Context): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const present = context.get(key);
      switch (operator) {
        case "Bool":
        case "StringEquals":
          return present !== undefined && present.some((value) => wanted.includes(value));
        case "ForAllValues:StringEquals":
          return (present ?? []).every((value) => wanted.includes(value));
        case "ForAnyValue:StringEquals":
          return (present ?? []).some((value) => wanted.includes(value));
        default:
          throw new Error(`the model of AWS IoT Core does not know the operator ${operator}`);
      }
    }),
  );
}
