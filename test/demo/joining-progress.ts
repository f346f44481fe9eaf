import type { AgentHost } from "./agent-host.ts";
import type { ApiClient } from "./api-client.ts";
import type { Narrator } from "./narrator.ts";
import type { Server } from "./server.ts";
import { waitFor } from "./waiting.ts";

interface DataSetLine {
  readonly name: string;
  readonly phase: string;
  readonly behind: number;
  readonly progress?: { readonly bytesDone: number; readonly bytesTotal: number; readonly etaSeconds: number };
  readonly problem?: string;
}

/** What a server says of its data sets, by its own status command. */
export async function dataSetsOf(server: Server): Promise<readonly DataSetLine[]> {
  const { dataSets } = await server.status();
  return dataSets as readonly DataSetLine[];
}

/** Waits until a server's replica follows the others, telling its progress whenever it has changed. */
export async function followJoin(server: Server, narrator: Narrator, timeoutMs = 60_000): Promise<void> {
  let told = "";
  await waitFor(`${server.name} to have its data`, timeoutMs, async () => {
    const dataSets = await dataSetsOf(server);
    for (const { name, phase, progress, problem } of dataSets) {
      const percent =
        progress === undefined || progress.bytesTotal === 0 ? undefined : Math.floor((100 * progress.bytesDone) / progress.bytesTotal);
      const line = `${server.name}: ${name} ${phase}${percent === undefined ? "" : ` ${percent} %, ${progress?.etaSeconds.toFixed(0)} s left`}${problem === undefined ? "" : ` (${problem})`}`;
      if (line !== told) narrator.tell(line);
      told = line;
    }
    return dataSets.length > 0 && dataSets.every(({ phase }) => phase === "following") ? true : undefined;
  });
}

/** Waits until a server has its vote, all others know it, and whoever is not operational could take over. */
export async function followPromotion(server: AgentHost, api: ApiClient, clusterId: string, timeoutMs = 60_000): Promise<void> {
  await waitFor(`${server.name} to become a voter`, timeoutMs, async () => {
    const { document, reports } = await api.clusterState(clusterId);
    const isVoter = document.nodes.some(({ name, voting }) => name === server.name && voting);
    const isTakenIn = document.nodes.every(({ nodeId }) => {
      const report = reports.find((one) => one.nodeId === nodeId);
      return report?.documentVersion === document.version && report.groups.every(({ ineligible }) => ineligible === undefined);
    });
    return isVoter && isTakenIn ? true : undefined;
  });
}

/** Waits until a server has every change that it knows its peers to have. */
export async function followCatchUp(server: Server, timeoutMs = 60_000): Promise<void> {
  await waitFor(`${server.name} to catch up`, timeoutMs, async () => {
    const dataSets = await dataSetsOf(server);
    return dataSets.length > 0 && dataSets.every(({ phase, behind }) => phase === "following" && behind === 0) ? true : undefined;
  });
}

/** Enrols a server with a new token and starts it; resolves when it protects the service like any other. */
export async function joinServer(server: Server, api: ApiClient, clusterId: string, narrator: Narrator): Promise<void> {
  const { token } = await api.createJoinToken(clusterId);
  await server.join(token);
  server.boot();
  await followJoin(server, narrator);
  await followPromotion(server, api, clusterId);
  narrator.tell(`${server.name} enrolled, in step, and a voter`);
}
