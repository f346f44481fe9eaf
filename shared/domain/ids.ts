declare const brand: unique symbol;

/** A string that may only be used where its own kind of id is asked for. Checked once, at the edge (shared/protocol/id-schemas.ts). */
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type CustomerId = Branded<"CustomerId">;
export type ClusterId = Branded<"ClusterId">;
/** A server with an agent. Never changes, never reused; its name and addresses may change. */
export type NodeId = Branded<"NodeId">;
/** Who reports what no node can know: the control plane. Of the shape of a node's id, so that its events go every way that a node's do; no node ever gets it. */
export const controlPlaneId = "node_controlplane00000000" as NodeId;
/** Name of a priority group, unique within its cluster; every cluster has `default`. */
export type GroupName = Branded<"GroupName">;
/** A network on which nodes reach each other; the same name on two nodes means the same network. */
export type PathName = Branded<"PathName">;
export type EventId = Branded<"EventId">;
/** Where a change was first captured: node id and incarnation of its log, as `<nodeId>:<incarnation>`. */
export type OriginId = Branded<"OriginId">;
