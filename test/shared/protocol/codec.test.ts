import { encode } from "cborg";
import { describe, expect, it } from "vitest";
import { limits } from "../../../shared/config/limits.ts";
import type { PeerMessage } from "../../../shared/domain/failover/messages.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { decodeLanMessage, decodePeerMessage, encodeLanMessage, encodePeerMessage } from "../../../shared/protocol/codec.ts";
import { examples } from "./lan-message-examples.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("LAN messages", () => {
  it.each(Object.entries(examples))("%s has stayed the same on the wire", async (name, message) => {
    const hex = Buffer.from(encodeLanMessage(message)).toString("hex");
    await expect(`${hex.replaceAll(/.{96}/g, "$&\n")}\n`).toMatchFileSnapshot(`golden/${name}.hex`);
    expect(decodeLanMessage(bytesOf(hex))).toEqual({ ok: true, message });
  });

  it("a document is no peer message", () => {
    expect(decodePeerMessage(encodeLanMessage(examples.document))).toMatchObject({ ok: false });
  });

  it.each([
    ["bytes that are no CBOR", Uint8Array.of(0xff, 0x00)],
    ["nothing", new Uint8Array()],
    ["something else than a message", encode([1, 2, 3])],
    ["an unknown type", encode({ ...examples.release, type: "lease-theft" })],
    ["a field too many", encode({ ...examples.release, extra: 1 })],
    ["a field too few", encode({ type: "lease-release" })],
    ["a fraction for a number", encode({ ...examples.release, epoch: 1.5 })],
    ["a number that JavaScript cannot hold", encode({ ...examples.release, epoch: 2n ** 60n })],
    ["a stranger's form of id", encode({ ...examples.release, from: "../../etc/passwd" })],
    ["bytes behind the message", Uint8Array.of(...encode(examples.release), 0)],
  ])("%s: refused with a reason, and nothing thrown", (_what, bytes) => {
    const decoded = decodePeerMessage(bytes);
    expect(decoded).toMatchObject({ ok: false });
    if (!decoded.ok) expect(decoded.reason).not.toContain("passwd");
  });

  it("a message over the limit is neither read nor written", () => {
    expect(decodePeerMessage(new Uint8Array(limits.lanMessageBytesMax + 1))).toMatchObject({ ok: false });
    const long = "x".repeat(limits.lanMessageBytesMax);
    const message: PeerMessage = { ...examples.release, group: long as GroupName, successor: null as NodeId | null };
    expect(() => encodePeerMessage(message)).toThrow(RangeError);
  });
});
