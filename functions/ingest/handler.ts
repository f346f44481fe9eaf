import { z } from "zod";
import { clusterIdSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";
import type { Dependencies } from "../dependencies.ts";
import { nodeMessageKind } from "./node-message-kind.ts";
import { takeMessage } from "./take-message.ts";

/**
 * What the IoT rule hands over: `SELECT encode(*, 'base64') AS payload, topic() AS topic, clientid() AS clientId
 * FROM 'understudy/v1/+/+/+'`. The policy of the node's certificate has already bound client id and topic to the node.
 */
const ruleEventSchema = z.object({ payload: z.base64(), topic: z.string(), clientId: nodeIdSchema });

/** Retried by IoT's asynchronous invocation; a repeat is harmless, because events and reports are stored by their ids. */
export function ingestHandler(dependencies: Dependencies) {
  return async (event: unknown): Promise<void> => {
    const { payload, topic, clientId } = ruleEventSchema.parse(event);
    const sender = { clusterId: clusterIdSchema.parse(topic.split("/")[2]), nodeId: clientId };
    const kind = nodeMessageKind(sender, topic);
    if (kind === undefined) throw new Error(`the rule forwards ${topic}, which is no topic of ${clientId}`);
    await takeMessage(dependencies, sender, kind, Buffer.from(payload, "base64"));
  };
}
