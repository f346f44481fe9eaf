import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabSite } from "../../lab/lab-site.ts";
import { lanAddress } from "../../lab/lan.ts";
import { Machine } from "../../lab/machine.ts";
import { folderOf } from "../../lab/run-name.ts";
import { KeepalivedHost } from "../keepalived-host.ts";

const groupAddress = lanAddress(150);
const hosts = [
  { name: "keepalived-a", number: 51, priority: 100, state: "MASTER" },
  { name: "keepalived-b", number: 52, priority: 90, state: "BACKUP" },
] as const;
const settlesMs = 5_000;

/** Two machines with keepalived on the lab's switch; the first one holds the address. */
export async function idlePair({ network, runName }: LabSite): Promise<readonly KeepalivedHost[]> {
  const pair = await Promise.all(
    hosts.map(async ({ name, number, priority, state }) => {
      const folder = join(folderOf(runName), name);
      const machine = await Machine.create(network, { folder, name, address: lanAddress(number), groupAddresses: [groupAddress] });
      await machine.powerOn();
      return new KeepalivedHost(machine, { advertSeconds: 1, priority, state, groupAddress, routerId: 99 });
    }),
  );
  for (const host of pair) host.start();
  await sleep(settlesMs);
  const [first] = pair;
  if (!(await first?.machine.groupAddresses())?.includes(groupAddress)) throw new Error("keepalived has not taken its address");
  return pair;
}
