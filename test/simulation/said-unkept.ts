import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import type { PeerMessage } from "../../shared/domain/failover/messages.ts";

/** F2: whatever a node's peers count on for longer than its silence after a start must be on its disk when it says so. Null: it is. */
export function saidUnkept(message: PeerMessage, { epochCeilings, longPromises, soles }: DurableRecord): string | null {
  switch (message.type) {
    case "lease-request":
    case "lease-grant": {
      const { group, epoch } = message;
      const kept = epochCeilings[group] ?? 0;
      return epoch <= kept ? null : `number ${epoch}, where ${kept} is the last that it has reserved`;
    }
    case "long-grant": {
      const { group, to, requestId } = message;
      const kept = longPromises[group];
      return kept?.to === to && kept.requestId >= requestId ? null : `a long promise to ${to}`;
    }
    case "heartbeat": {
      const told = message.groups.find(({ group, sole }) => sole.number > (soles[group]?.number ?? 0));
      return told === undefined ? null : `note ${told.sole.number} of who may go on alone`;
    }
    case "lease-refusal":
    case "lease-release":
    case "long-request":
    case "away":
      return null;
  }
}
