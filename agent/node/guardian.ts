import { createConnection } from "node:net";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { GuardedGroups } from "./guarded-groups.ts";
import type { GuardianConfiguration, GuardianNotice, GuardianOrder } from "./guardian-protocol.ts";
import { handBack } from "./hand-back.ts";
import { readLines, toLine } from "./json-lines.ts";
import { ordinaryPriorityScope, raiseThreadPriority } from "./thread-priority.ts";

/*
 * The guardian: a tiny process beside the agent that owns the services' processes and outlives the agent by exactly as long
 * as it takes to take them down and to give its leases back. It obeys no signal that can be refused: its orders come through pipes, and their end
 * is an order too.
 */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// The agent reads what is said here; without an agent there is nobody to say it to.
process.stderr.on("error", () => {});
const agentPid = process.ppid;
const spawnScope = ordinaryPriorityScope();
// Where that is not allowed, the control loop is not allowed it either, and says so.
raiseThreadPriority();

readLines(process.stdin, (value) => guard(value as GuardianConfiguration));
process.stdin.once("close", () => {
  // Without a configuration nothing runs yet.
  if (!configured) process.exit(0);
});
let configured = false;

function guard(configuration: GuardianConfiguration): void {
  configured = true;
  const link = createConnection(configuration.socket);
  const notify = (notice: GuardianNotice): void => void (link.writable && link.write(toLine(notice)));
  const groups = new GuardedGroups({ configuration, notify, spawnScope });
  let document: ClusterDocument | null = null;
  let ending = false;
  let isCutOff = false;
  const takeDown = async (): Promise<void> => {
    const testaments = await groups.takeAllDown();
    if (!isCutOff || document === null || testaments.length === 0) return;
    // The kernel gives an orphan another parent.
    await handBack({ configuration, document, testaments, isAgentDead: () => process.ppid !== agentPid });
  };
  const cutOff = (cause: string): void => {
    isCutOff = true;
    end(cause);
  };
  const end = (cause: string): void => {
    if (ending) return;
    ending = true;
    if (groups.isRunning) process.stderr.write(`guardian: takes everything down: ${cause}\n`);
    void takeDown().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`guardian: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };

  // Whichever closes first, the process or its control loop is dead, and with it whoever renews the leases.
  process.stdin.once("close", () => cutOff("the agent ended"));
  link.once("close", () => cutOff("the agent's control loop ended"));
  link.on("error", (error) => process.stderr.write(`guardian: ${error.message}\n`));
  // Taking down must happen even where a fault of the guardian's own is the reason.
  process.on("uncaughtException", (error) => {
    process.stderr.write(`guardian: ${error.stack ?? error.message}\n`);
    end(`a fault of the guardian: ${error.message}`);
  });

  notify({ type: "hello", secret: configuration.secret, pid: process.pid });
  readLines(link, (value) => {
    const order = value as GuardianOrder;
    if (order.type === "members") document = order.document;
    else groups.obey(order);
  });
}
