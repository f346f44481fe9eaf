import { z } from "zod";
import { clusterIdSchema, nodeIdSchema, sha256HexSchema } from "../../shared/protocol/id-schemas.ts";
import type { Dependencies } from "../dependencies.ts";
import { authenticateNode } from "../use-cases/authenticate-node.ts";
import { nodeMessageKind } from "./node-message-kind.ts";
import { takeMessage } from "./take-message.ts";

/**
 * What the IoT rule hands over: `SELECT encode(*, 'base64') AS payload, topic() AS topic, clientid() AS clientId,
 * principal() AS certificateSha256 FROM 'understudy/v1/+/+/+'`. The policy of the node's certificate has already bound client id and topic to the node; whether the
 * newest document still names that certificate, only the store knows.
 */
const ruleEventSchema = z.object({ payload: z.base64(), topic: z.string(), clientId: nodeIdSchema, certificateSha256: sha256HexSchema });

/** Retried by IoT's asynchronous invocation; a repeat is harmless, because events and reports are stored by their ids. */
export function ingestHandler(dependencies: Dependencies) {
  return async (event: unknown): Promise<void> => {
    const { payload, topic, clientId, certificateSha256 } = ruleEventSchema.parse(event);
    const sender = { clusterId: clusterIdSchema.parse(topic.split("/")[2]), nodeId: clientId };
    const kind = nodeMessageKind(sender, topic);
    if (kind === undefined) throw new Error(`the rule forwards ${topic}, which is no topic of ${clientId}`);
    const node = await authenticateNode(dependencies, certificateSha256);
    if (node?.nodeId !== sender.nodeId || node.clusterId !== sender.clusterId) {
      dependencies.log.warn({ ...sender, kind }, "a message was dropped: no cluster document names its sender's certificate");
      return;
    }
    await takeMessage(dependencies, sender, kind, Buffer.from(payload, "base64"));
  };
}
