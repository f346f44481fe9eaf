import { dataPaths } from "../../agent/storage/data-directory.ts";
import { readNodeRecord } from "../../agent/storage/node-record.ts";
import { waitFor } from "../demo/waiting.ts";
import type { Cast, LabSite } from "./lab-site.ts";

const agreedWithinMs = 10_000;

/** Waits until both of two nodes have it on their disks that the holder may go on alone: a moment after they are well. */
export async function agreedOn({ hosts }: LabSite, { holder }: Cast): Promise<void> {
  const { nodeId } = (await holder.status()).node;
  await waitFor(`both nodes to have it on disk that ${holder.name} may go on alone`, agreedWithinMs, async () => {
    const records = await Promise.all(hosts.map(({ agent }) => readNodeRecord(dataPaths(agent.dataDir).nodeRecord)));
    return records.every(({ soles }) => Object.values(soles).some(({ node }) => node === nodeId)) || undefined;
  });
}
