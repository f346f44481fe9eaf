import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { TableConflicts } from "../../../shared/domain/replication/conflict-policy.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { OfflineReplica } from "./offline-replica.ts";

export interface ThreeShops {
  readonly paths: readonly [string, string, string];
  readonly replicas: readonly [OfflineReplica, OfflineReplica, OfflineReplica];
}

/** Three servers with the same shop, which settle conflicts so. `sql`: what its application did before. */
export function threeShops(folder: string, conflicts?: readonly TableConflicts[], sql = ""): ThreeShops {
  const at = (index: number) => join(folder, `${index}.sqlite`);
  const paths = [at(0), at(1), at(2)] as const;
  createMusicShop(paths[0]);
  writeLater(paths[0], sql);
  const first = OfflineReplica.source(paths[0], [], conflicts);
  const others = [OfflineReplica.copyOf(first, paths[1], 1, conflicts), OfflineReplica.copyOf(first, paths[2], 2, conflicts)] as const;
  return { paths, replicas: [first, ...others] };
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

/** In a later millisecond than everything before it: within one, the clocks of two servers do not tell what came first. */
export function writeLater(path: string, sql: string): void {
  Atomics.wait(nobodyWakes, 0, 0, 2);
  using shop = openShop(path);
  shop.exec(sql);
}

/** Each of `rounds` somebody writes, and now and then two of them meet and drop what all have. */
export function writeAndMeet(
  { paths, replicas }: ThreeShops,
  rounds: number,
  random: () => number,
  write: (shop: DatabaseSync) => void,
): void {
  const any = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  const shops = paths.map(openShop);
  for (let round = 0; round < rounds; round += 1) {
    write(any(shops));
    if (random() >= 0.25) continue;
    const [giver, taker] = [any(replicas), any(replicas)];
    if (giver !== taker) taker.meet(giver);
    if (random() < 0.3) taker.prune(replicas);
  }
  for (const shop of shops) shop.close();
}
