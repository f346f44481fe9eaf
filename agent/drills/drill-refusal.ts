import type { NodeId } from "../../shared/domain/ids.ts";
import type { OutlookAnswer } from "../local/outlook-answer.ts";

/** Why no drill can be made of the group now; `to` null: it would go where the rules say. */
export function drillRefusal(outlook: OutlookAnswer | null, here: NodeId, to: string | null): string | null {
  if (outlook === null) return "nothing is known of such a group";
  if (outlook.obstacle !== null) return outlook.obstacle;
  const others = outlook.nodes.filter(({ node, name }) => node !== here && (to === null || node === to || name === to));
  if (others.length === 0) return to === null ? "no other node is in the group's order" : `${to} is no other node of the group's order`;
  if (others.some(({ refusal }) => refusal === null)) return null;
  return `no healthy successor: ${others.map(({ name, refusal }) => `${name}: ${refusal}`).join("; ")}`;
}
