import { expect, it } from "vitest";
import { CopyFilter } from "../../../agent/link/copy-filter.ts";
import type { PathName } from "../../../shared/domain/ids.ts";
import { mainPath } from "../../../shared/domain/membership/lan-path.ts";
import { decodeLanMessage, encodeLanMessage } from "../../../shared/protocol/codec.ts";
import { a, b, TestNode } from "../../shared/domain/failover/test-node.ts";

const lanB = "lan-b" as PathName;

it("the second path's copy is known by its bytes; another message, another sender's, or the same path's again is not one", () => {
  const filter = new CopyFilter();
  const said = new TestNode();
  const [first, second] = [said.beatOf(b), said.beatOf(b)].map(encodeLanMessage);
  if (first === undefined || second === undefined) throw new Error("nothing was said");
  const decoded = decodeLanMessage(first);
  if (!decoded.ok) throw new Error(decoded.reason);
  expect(filter.copied(b, mainPath, first)).toBeNull();
  filter.take(b, mainPath, first, decoded.message);
  expect(filter.copied(b, lanB, Buffer.from(first))).toBe(decoded.message);
  expect(filter.copied(b, lanB, second)).toBeNull();
  expect(filter.copied(a, lanB, first)).toBeNull();
  expect(filter.copied(b, mainPath, first)).toBeNull();
});

it("keeps a bounded number of messages of each sender", () => {
  const filter = new CopyFilter();
  const said = new TestNode();
  const messages = Array.from({ length: 100 }, () => said.beatOf(b));
  for (const message of messages) filter.take(b, mainPath, encodeLanMessage(message), message);
  const known = messages.filter((message) => filter.copied(b, lanB, encodeLanMessage(message)) !== null);
  expect(known).toEqual(messages.slice(-32));
});
