import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  type IoTClient,
  ListThingPrincipalsCommand,
  ListThingsCommand,
  RegisterCertificateWithoutCACommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { nodeIdSchema } from "../../shared/protocol/id-schemas.ts";
import { clusterAttribute } from "../../shared/protocol/node-policy.ts";
import type { AuthenticatedNode } from "../use-cases/record-events.ts";

/**
 * The nodes in AWS IoT Core: each is a thing, named by its id, with its cluster's id as the attribute that the policy reads, and its own certificate, which no authority has
 * signed: the cluster document names it. Every step is harmless to repeat; SDK errors come out as they are.
 */
export class IotNodeRegistry {
  readonly #client: IoTClient;
  readonly #policyName: string;

  /** `policyName`: of the one policy of all nodes (node-policy.ts). */
  constructor(client: IoTClient, policyName: string) {
    this.#client = client;
    this.#policyName = policyName;
  }

  /** Lets the certificate connect as this node. The policy comes last: before it the certificate may do nothing. */
  async admit({ clusterId, nodeId }: AuthenticatedNode, certificatePem: string): Promise<void> {
    const principal = await this.#register(certificatePem);
    const attributes = { [clusterAttribute]: clusterId };
    await this.#client.send(new CreateThingCommand({ thingName: nodeId, attributePayload: { attributes } }));
    await this.#client.send(new AttachThingPrincipalCommand({ thingName: nodeId, principal }));
    await this.#client.send(new AttachPolicyCommand({ policyName: this.#policyName, target: principal }));
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly NodeId[]> {
    const found: NodeId[] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListThingsCommand({ attributeName: clusterAttribute, attributeValue: clusterId, maxResults: 250, nextToken });
      const page = await this.#client.send(command);
      found.push(...(page.things ?? []).map(({ thingName }) => nodeIdSchema.parse(thingName)));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  /** The certificate is made inactive first: AWS IoT Core then ends its connections, and lets nobody in with it. */
  async remove(nodeId: NodeId): Promise<void> {
    await this.removeOthers(nodeId, []);
    await unlessGone(this.#client.send(new DeleteThingCommand({ thingName: nodeId })));
  }

  /** As `remove`, of the node's certificates but these: SHA-256 of their DER, hex, which is how AWS IoT Core names them. */
  async removeOthers(nodeId: NodeId, kept: readonly string[]): Promise<void> {
    for (const principal of await this.#principalsOf(nodeId)) {
      const certificateId = principal.slice(principal.lastIndexOf("/") + 1);
      if (kept.includes(certificateId)) continue;
      await unlessGone(this.#client.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" })));
      await unlessGone(this.#client.send(new DetachPolicyCommand({ policyName: this.#policyName, target: principal })));
      await unlessGone(this.#client.send(new DetachThingPrincipalCommand({ thingName: nodeId, principal })));
      await unlessGone(this.#client.send(new DeleteCertificateCommand({ certificateId })));
    }
  }

  /** The certificate's ARN. One that is there already (an enrolment that was interrupted) is made active again. */
  async #register(certificatePem: string): Promise<string> {
    try {
      const registered = await this.#client.send(new RegisterCertificateWithoutCACommand({ certificatePem, status: "ACTIVE" }));
      return told(registered.certificateArn);
    } catch (error) {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      const certificateId = told(error.resourceId);
      await this.#client.send(new UpdateCertificateCommand({ certificateId, newStatus: "ACTIVE" }));
      return told(error.resourceArn);
    }
  }

  async #principalsOf(thingName: NodeId): Promise<readonly string[]> {
    const page = await unlessGone(this.#client.send(new ListThingPrincipalsCommand({ thingName })));
    return page?.principals ?? [];
  }
}

async function unlessGone<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function told(value: string | undefined): string {
  if (value === undefined) throw new Error("AWS IoT Core registered the certificate and did not tell its name");
  return value;
}
