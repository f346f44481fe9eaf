import { decode, encode } from "cborg";
import { decodeLanMessage, decodePeerMessage, encodeLanMessage } from "../../../shared/protocol/codec.ts";
import { examples } from "../../shared/protocol/lan-message-examples.ts";
import { type FuzzTarget, promise, sameAs } from "../fuzz-target.ts";

export const lanMessage: FuzzTarget = {
  name: "lan-message",
  reads: "heartbeats, votes and documents of other nodes (MQTT payloads)",
  share: 14,
  seeds: Object.values(examples).map((example) => encodeLanMessage(example)),
  form: { read: decode, write: (value) => encode(value, { ignoreUndefinedProperties: true }) },
  execute: (input) => {
    const decoded = decodeLanMessage(input);
    const ofPeer = decodePeerMessage(input);
    if (!decoded.ok) {
      promise(!ofPeer.ok, "what is no message of the LAN is one of a peer");
      promise(!/[\p{Cc}]/u.test(decoded.reason) && decoded.reason.length < 1_000, "the reason is not for a log");
      return "refused";
    }
    const { message } = decoded;
    promise(ofPeer.ok === (message.type !== "document"), "a peer's message is one of the LAN, and a document none of a peer");
    sameAs(decodeLanMessage(encodeLanMessage(message)), decoded, "a message");
    return "accepted";
  },
};
