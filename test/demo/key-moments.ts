import type { ApiClient } from "./api-client.ts";

/**
 * The moments that a reader of the timeline looks for, oldest first: every replica's arrival, who took the group, and when its
 * new holder heard the dead server again (the others say so too). Undefined until all of them have reached the cloud.
 */
export async function keyMoments(api: ApiClient, clusterId: string) {
  const { events } = await api.events(clusterId);
  const takeover = events.find(({ detail }) => detail.kind === "group.takeover" && detail.from !== null);
  const moments = events.filter(
    ({ detail, reporter }) =>
      detail.kind === "replication.snapshot-finished" ||
      detail.kind === "group.takeover" ||
      (detail.kind === "node.returned" && reporter === takeover?.reporter),
  );
  const isWhole = takeover !== undefined && moments.some(({ detail }) => detail.kind === "node.returned");
  return isWhole ? moments.toSorted((one, other) => one.at.localeCompare(other.at)) : undefined;
}
