import { type IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { EventReceipt } from "../../shared/protocol/cloud-messages.ts";
import { cloudTopics } from "../../shared/protocol/topics.ts";
import type { AgentMessenger } from "../dependencies.ts";
import type { AuthenticatedNode } from "../use-cases/record-events.ts";
import type { IotNodeRegistry } from "./iot-node-registry.ts";

/** Each member's certificates (SHA-256 of their DER, hex), as the newest document has them. */
export type CertificatesOf = (clusterId: ClusterId) => Promise<ReadonlyMap<NodeId, readonly string[]>>;

/** AWS IoT Core as the way to the agents. SDK errors come out as they are: the callers retry, whatever they were. */
export class IotMessenger implements AgentMessenger {
  readonly #client: IoTDataPlaneClient;
  readonly #registry: IotNodeRegistry;
  readonly #certificatesOf: CertificatesOf;

  constructor(client: IoTDataPlaneClient, registry: IotNodeRegistry, certificatesOf: CertificatesOf) {
    this.#client = client;
    this.#registry = registry;
    this.#certificatesOf = certificatesOf;
  }

  async admit(node: AuthenticatedNode, certificatePem: string): Promise<void> {
    await this.#registry.admit(node, certificatePem);
  }

  /** Whoever is no member any more loses its certificate with the document, and a member the one that it has replaced: also what was left over by a crash at an earlier one. */
  async publishDocument(clusterId: ClusterId, signed: string): Promise<void> {
    await this.#publish(cloudTopics.document(clusterId), { document: signed }, true);
    await this.#removeStrangers(clusterId);
  }

  /** The certificates first: an agent never gets the empty message that takes the document away. */
  async retire(clusterId: ClusterId): Promise<void> {
    await this.#removeStrangers(clusterId);
    await this.#send(cloudTopics.document(clusterId), Buffer.alloc(0), true);
  }

  async publishReceipt(clusterId: ClusterId, nodeId: NodeId, receipt: EventReceipt): Promise<void> {
    await this.#publish(cloudTopics.receipts(clusterId, nodeId), receipt, false);
  }

  async #removeStrangers(clusterId: ClusterId): Promise<void> {
    const named = await this.#certificatesOf(clusterId);
    for (const nodeId of await this.#registry.listOfCluster(clusterId)) {
      const certificates = named.get(nodeId);
      if (certificates === undefined) await this.#registry.remove(nodeId);
      else await this.#registry.removeOthers(nodeId, certificates);
    }
  }

  async #publish(topic: string, message: object, retain: boolean): Promise<void> {
    await this.#send(topic, Buffer.from(JSON.stringify(message)), retain);
  }

  async #send(topic: string, payload: Buffer, retain: boolean): Promise<void> {
    await this.#client.send(new PublishCommand({ topic, qos: 1, retain, payload }));
  }
}
