import type { Dependencies } from "../dependencies.ts";
import { type AuthenticatedNode, recordEvents } from "../use-cases/record-events.ts";
import { recordReport } from "../use-cases/record-report.ts";
import type { NodeMessageKind } from "./node-message-kind.ts";

/**
 * One message of a node, decoded and given to its use case. A repeat is harmless. Rejects where the store or the broker is away: the node keeps its
 * events until their receipt, and sends them again.
 */
export async function takeMessage(
  dependencies: Dependencies,
  sender: AuthenticatedNode,
  kind: NodeMessageKind,
  payload: Uint8Array,
): Promise<void> {
  const { messenger, log } = dependencies;
  const message = parsedJson(payload);
  if (kind === "report") return recordReport(dependencies, sender, message);
  const receipt = await recordEvents(dependencies, sender, message);
  if (receipt === null) log.warn({ ...sender, bytes: payload.length }, "a message was dropped: it is no batch of events");
  else await messenger.publishReceipt(sender.clusterId, sender.nodeId, receipt);
}

/** Undefined where it is no JSON, which no schema accepts. */
function parsedJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}
