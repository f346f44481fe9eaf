import type { Dependencies } from "../../../functions/dependencies.ts";
import { dynamoStores } from "../../../functions/store/dynamo-stores.ts";
import { DynamoTable, dynamoDocumentClient } from "../../../functions/store/dynamo-table.ts";
import type { ForeignDynamo } from "../../contracts/dynamo-servers.ts";
import { type ControlPlane, startControlPlane } from "../../functions/control-plane.ts";
import { sumOf, type Usage } from "./list-prices.ts";

/** AWS meters messages, rules and actions by so much. */
const messageBytes = 5 * 1_024;
/** Of the lines that Lambda writes about an invocation by itself. */
const logBytesPerInvocation = 400;
/**
 * Assumed, since nothing here runs on Lambda: what an invocation takes beside its requests to the table, and each of those, one after the other; and the memory that it is
 * given.
 */
export const lambdaAssumptions = { ownMs: 5, requestMs: 5, memoryGb: 0.25 } as const;

const writes: ReadonlySet<string> = new Set(["PutItemCommand", "UpdateItemCommand", "DeleteItemCommand"]);

/** The real handlers on a table that tells what each request has taken, with everything else that AWS would meter counted beside. */
export class CountedPlane {
  readonly plane: ControlPlane;
  readonly #closeTable: () => Promise<void>;
  #usages: Usage[] = [];
  #requests = 0;

  private constructor(plane: ControlPlane, dynamo: ForeignDynamo) {
    const client = dynamoDocumentClient(dynamo.config);
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answered = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } }).catch((error: unknown) => {
            // A condition that did not hold is charged like the write that it kept back: of one unit, for the small items that races are about.
            this.#count("write", 1);
            throw error;
          });
          const { ConsumedCapacity } = answered.output as { readonly ConsumedCapacity?: { readonly CapacityUnits?: number } };
          if (ConsumedCapacity?.CapacityUnits === undefined) throw new Error("the server did not say what a request has taken");
          this.#count(writes.has(commandName ?? "") ? "write" : "read", ConsumedCapacity.CapacityUnits);
          return answered;
        },
      { step: "initialize", name: "countCapacity" },
    );
    const { dependencies } = plane;
    const { messenger, notifier, signer } = dependencies;
    const counted: Dependencies = {
      ...dependencies,
      stores: dynamoStores(new DynamoTable(client, dynamo.tableName)),
      messenger: {
        admit: (...admitted) => messenger.admit(...admitted),
        retire: (clusterId) => messenger.retire(clusterId),
        publishDocument: async (clusterId, signed) => {
          const messages = messagesOf(signed);
          this.count({ iotMessages: 2 * messages });
          await messenger.publishDocument(clusterId, signed);
        },
        publishReceipt: async (clusterId, nodeId, receipt) => {
          const messages = messagesOf(JSON.stringify(receipt));
          // In, out, and the node's own acknowledgement.
          this.count({ iotMessages: 2 * messages + 1 });
          await messenger.publishReceipt(clusterId, nodeId, receipt);
        },
      },
      notifier: Object.assign(Object.create(notifier) as typeof notifier, {
        publish: async (...published: Parameters<typeof notifier.publish>) => {
          this.count({ snsPublishes: 1, snsDeliveries: 1 });
          return notifier.publish(...published);
        },
      }),
      signer: {
        publicKeys: () => signer.publicKeys(),
        sign: async (type, payload) => {
          this.count({ signatures: 1 });
          return signer.sign(type, payload);
        },
      },
    };
    this.plane = { ...plane, dependencies: counted };
    this.#closeTable = async () => {
      client.destroy();
      await dynamo.close();
    };
  }

  static async start(dynamo: ForeignDynamo): Promise<CountedPlane> {
    return new CountedPlane(await startControlPlane(), dynamo);
  }

  count(usage: Usage): void {
    this.#usages.push(usage);
  }

  /** What this takes, in one invocation of a function. */
  async invoked(work: () => Promise<unknown>): Promise<Usage> {
    this.#usages = [];
    this.#requests = 0;
    await work();
    const { ownMs, requestMs, memoryGb } = lambdaAssumptions;
    const seconds = (ownMs + requestMs * this.#requests) / 1_000;
    const invocation: Usage = { lambdaRequests: 1, lambdaGbSeconds: seconds * memoryGb, logGb: logBytesPerInvocation / 1e9 };
    return sumOf([...this.#usages, invocation]);
  }

  /** What the table's requests and messages of all this take, however much of it goes on at once; without its invocations. */
  async whole(work: () => Promise<unknown>): Promise<Usage> {
    this.#usages = [];
    await work();
    return sumOf(this.#usages);
  }

  /** As `invoked`, of a node's message that a rule hands to the function. */
  async delivered(topic: string, payload: string, work: () => Promise<unknown>): Promise<Usage> {
    const units = messagesOf(topic + payload);
    return sumOf([{ iotMessages: units, iotRules: units, iotActions: units }, await this.invoked(work)]);
  }

  async close(): Promise<void> {
    await this.#closeTable();
    await this.plane.close();
  }

  #count(kind: "read" | "write", units: number): void {
    this.#requests += 1;
    this.count(kind === "read" ? { readUnits: units } : { writeUnits: units });
  }
}

function messagesOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / messageBytes);
}
