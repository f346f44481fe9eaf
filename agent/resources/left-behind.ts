import { usFromMs } from "../../shared/domain/time.ts";
import type { ServiceSettings } from "../config/agent-settings.ts";
import { removeLeftAddresses } from "./address-left-behind.ts";
import { Command, inheritedPriority } from "./command.ts";
import { isStillRunning, marksOfDirectory, processesOfDirectory, sendSignal } from "./marked-processes.ts";
import { holdsBy, monotonicUs, settledBy } from "./monotonic.ts";
import type { ResourceTrace } from "./resource.ts";
import { readResourceRecord, writeResourceRecord } from "./resource-record.ts";

/** An orphaned guardian takes its services down by itself, and is given this long. */
const guardianPatienceMs = 3_000;
const killPatienceMs = 2_000;
const pollMs = 20;

export interface LeftBehindOptions {
  readonly recordFile: string;
  readonly directoryMark: string;
  readonly dataDir: string;
  readonly services: Readonly<Record<string, ServiceSettings>>;
}

export type LeftResource = Pick<ResourceTrace, "kind" | "name">;

/**
 * Ends whatever a guardian that is no longer obeyed has left running, at once: another node may already run it. Resolves
 * with what was found; rejects where the kernel does not let go of it.
 */
export async function removeLeftBehind(options: LeftBehindOptions): Promise<readonly LeftResource[]> {
  const { recordFile, directoryMark, services } = options;
  const record = await readResourceRecord(recordFile);
  const guardian = record?.guardian ?? null;
  if (guardian !== null && isStillRunning(guardian)) {
    const untilUs = monotonicUs() + usFromMs(guardianPatienceMs);
    const ended = await holdsBy(
      () => untilUs,
      pollMs,
      () => !isStillRunning(guardian),
    );
    if (!ended) sendSignal(guardian.pid, "SIGKILL");
  }
  const traces = record?.resources ?? [];
  // Addresses first: whoever comes to them shall find the new holder.
  const addresses = await removeLeftAddresses(traces, directoryMark);
  const recorded = traces.filter((trace) => trace.kind === "service");
  const marked = marksOfDirectory(directoryMark);
  const leaders = recorded.flatMap(({ process }) => (process !== null && isStillRunning(process) ? [process] : []));
  for (const { pid } of leaders) sendSignal(-pid, "SIGKILL");
  const goneByUs = monotonicUs() + usFromMs(killPatienceMs);
  const gone = await holdsBy(
    () => goneByUs,
    pollMs,
    () => {
      const left = processesOfDirectory(directoryMark);
      for (const pid of left) sendSignal(pid, "SIGKILL");
      return left.length === 0 && !leaders.some(isStillRunning);
    },
  );
  if (!gone)
    throw new Error(
      `the kernel does not end processes that an earlier run has left behind: ${processesOfDirectory(directoryMark).join(", ")}`,
    );
  const ended = recorded.filter(({ process }) => process !== null && leaders.includes(process)).map(({ name }) => name);
  // A service with a stop command may run where the agent cannot see it: its command is run in any case.
  const unseen = recorded.map(({ name }) => name).filter((name) => services[name]?.stop !== undefined);
  const names = [...new Set([...ended, ...marked, ...unseen])];
  await Promise.all(names.map((name) => runStopCommand(name, options)));
  await writeResourceRecord(recordFile, { guardian: null, resources: [] });
  return [
    ...addresses.map(({ name }) => ({ kind: "address", name }) as const),
    ...names.map((name) => ({ kind: "service", name }) as const),
  ];
}

/** A stop command may reach what the agent cannot see, as a system manager's unit. */
async function runStopCommand(name: string, { services, dataDir }: LeftBehindOptions): Promise<void> {
  const settings = services[name];
  if (settings?.stop === undefined) return;
  const workingDirectory = settings.workingDirectory ?? dataDir;
  const command = new Command(settings.stop, {
    workingDirectory,
    environment: settings.environment,
    dieWithParent: false,
    priority: inheritedPriority,
  });
  const end = await settledBy(monotonicUs() + usFromMs(settings.stopTimeoutMs), command.ended);
  if (end === undefined) command.signal("SIGKILL");
}
