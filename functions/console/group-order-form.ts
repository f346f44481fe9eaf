import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { groupNameSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";
import { checked } from "./form-fields.ts";

const formSchema = z.object({
  version: z.coerce.number().pipe(z.int().min(1)),
  group: groupNameSchema,
  order: z.array(nodeIdSchema).max(limits.nodesPerClusterMax),
  move: z.object({ nodeId: nodeIdSchema, step: z.enum(["up", "down"]) }).optional(),
});

/** What pages/group-order-panel.ts asks for. Without its script each arrow sends the form: then that one step is made. */
export function groupOrderIn(fields: Readonly<Record<string, string>>) {
  const [nodeId, step] = (fields["move"] ?? "").split(":");
  const { version, group, order, move } = checked(formSchema, {
    version: fields["version"],
    group: fields["group"],
    order: (fields["order"] ?? "").split(","),
    ...(fields["move"] === undefined ? {} : { move: { nodeId, step } }),
  });
  return { expectedVersion: version, group, order: move === undefined ? order : moved(order, move.nodeId, move.step === "up" ? -1 : 1) };
}

function moved(order: readonly NodeId[], nodeId: NodeId, by: -1 | 1): readonly NodeId[] {
  const from = order.indexOf(nodeId);
  const to = from + by;
  if (from === -1 || to < 0 || to >= order.length) return order;
  return order.toSpliced(from, 1).toSpliced(to, 0, nodeId);
}
