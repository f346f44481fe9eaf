import { z } from "zod";
import type { Dependencies } from "../dependencies.ts";
import { authenticateNode } from "../use-cases/authenticate-node.ts";
import { recordPresence } from "../use-cases/record-presence.ts";

/** What SQS hands over; the bodies are what AWS IoT Core's rule on `$aws/events/presence/+/+` has put there. */
const queueEventSchema = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

const lifecycleEventSchema = z.object({
  clientId: z.string(),
  eventType: z.enum(["connected", "disconnected"]),
  /** Milliseconds since 1970, about. */
  timestamp: z.int().min(0),
  /** Grows with the connections of a client id, and begins again after an hour without one; a connection's two events have the same. */
  versionNumber: z.int().min(0),
  /** Of an X.509 certificate: SHA-256 of its DER, hex. */
  principalIdentifier: z.string(),
  disconnectReason: z.string().optional(),
});
type LifecycleEvent = z.infer<typeof lifecycleEventSchema>;

/** Names what is to be delivered again; all else is done with. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Takes the broker's presence events out of their queue. Each is retried by itself, and set aside in the queue of dead letters after some attempts; a repeat and a wrong order
 * are harmless, because the newest sequence counts.
 */
export function presenceHandler(dependencies: Dependencies) {
  return async (event: unknown): Promise<BatchAnswer> => {
    const { Records } = queueEventSchema.parse(event);
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      try {
        await take(dependencies, lifecycleEventSchema.parse(JSON.parse(body)));
      } catch (error) {
        dependencies.log.error({ err: error, messageId }, "a presence event could not be taken in; the queue delivers it again");
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}

async function take(dependencies: Dependencies, event: LifecycleEvent): Promise<void> {
  const { eventType, clientId, disconnectReason } = event;
  // The end of a connection whose successor is there: it says nothing of the node, and may be told last.
  if (eventType === "disconnected" && disconnectReason === "DUPLICATE_CLIENTID") return;
  const node = await authenticateNode(dependencies, event.principalIdentifier);
  if (node?.nodeId !== clientId) {
    dependencies.log.info({ clientId, eventType }, "a presence event was dropped: no cluster document names this node any more");
    return;
  }
  await recordPresence(dependencies, node, { connected: eventType === "connected", sequence: sequenceOf(event) });
}

/** By time; within a millisecond by the connection, and a connection's end after its beginning. Stays a safe integer until the year 2255. */
function sequenceOf({ timestamp, versionNumber, eventType }: LifecycleEvent): number {
  return timestamp * 1_000 + (versionNumber % 500) * 2 + Number(eventType === "disconnected");
}
