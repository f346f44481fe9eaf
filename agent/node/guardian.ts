import type { Socket } from "node:net";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { rehearseSaying } from "../link/rehearsal.ts";
import { identify, isStillRunning } from "../resources/marked-processes.ts";
import { GuardedGroups } from "./guarded-groups.ts";
import type { Adoption, GuardianConfiguration } from "./guardian-protocol.ts";
import { handBack } from "./hand-back.ts";
import { readLines } from "./json-lines.ts";
import { LoopLink } from "./loop-link.ts";
import { awaitNextAgent } from "./next-agent.ts";
import { ordinaryPriority, raiseSessionPriority, raiseThreadPriority } from "./thread-priority.ts";

/*
 * The guardian: a tiny process beside the agent that owns the services' processes and outlives the agent by exactly as long
 * as it takes to take them down and to give its leases back, or until the next agent takes it over. It obeys no signal that can be refused: its
 * orders come through pipes, and their end is an order too.
 */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// The agent reads what is said here; without an agent there is nobody to say it to.
process.stderr.on("error", () => {});
const firstAgent = identify(process.ppid);
const priority = ordinaryPriority();
// Where that is not allowed, the control loop is not allowed it either, and says so. Its session is its own, not the agent's.
raiseThreadPriority();
raiseSessionPriority();

/** While the agent is away nobody says that a lease goes on; what the kernel guards is renewed this often all the same. */
const holdOnEveryMs = 50;

const say = (text: string): void => void process.stderr.write(`guardian: ${text}\n`);

readLines(process.stdin, (value) => guard(value as GuardianConfiguration));
process.stdin.once("close", () => {
  // Without a configuration nothing runs yet.
  if (!configured) process.exit(0);
});
let configured = false;

function guard(first: GuardianConfiguration): void {
  configured = true;
  let configuration = first;
  let agent = firstAgent;
  let document: ClusterDocument | null = null;
  let isAgentAway = false;
  let holdingOn: NodeJS.Timeout | undefined;
  let ending = false;
  let isCutOff = false;

  const takeDown = async (): Promise<void> => {
    const wasRunning = groups.isRunning;
    const taken = groups.takeAllDown();
    try {
      if (isCutOff && document !== null && wasRunning) {
        const last = agent;
        const testaments = taken.catch(() => []);
        await handBack({ configuration, document, testaments, isAgentDead: () => last === null || !isStillRunning(last) });
      }
      await taken;
    } finally {
      await groups.settled();
    }
  };
  const end = (cause: string): void => {
    if (ending) return;
    ending = true;
    if (groups.isRunning) say(`takes everything down: ${cause}`);
    void takeDown().then(
      () => process.exit(0),
      (error: unknown) => {
        say(String(error));
        process.exit(1);
      },
    );
  };
  const cutOff = (cause: string): void => {
    isCutOff = true;
    end(cause);
  };

  const rehearse = (members: ClusterDocument): void => {
    const [inUse] = configuration.identities;
    if (inUse !== undefined) void rehearseSaying(inUse, members).catch((error: unknown) => say(`no rehearsal: ${String(error)}`));
  };
  const link = new LoopLink({
    onClosed: () => cutOff("the agent's control loop ended"),
    log: say,
    onOrder: (order) => {
      if (order.type === "members") {
        if (document === null) rehearse(order.document);
        document = order.document;
        groups.makeReady(document);
      } else if (order.type === "identities") configuration = { ...configuration, identities: order.identities };
      else if (order.type === "detach")
        void detach(order.readoptByUs).catch((error: unknown) => say(`cannot wait for another agent: ${String(error)}`));
      else groups.obey(order);
    },
  });
  const groups = new GuardedGroups({ configuration: () => configuration, notify: (notice) => link.notify(notice), priority });

  const detach = async (readoptByUs: MonotonicUs): Promise<void> => {
    const { adoptSocket, secret } = configuration;
    await awaitNextAgent({ socketPath: adoptSocket, secret, readoptByUs, onCome: obeyNext, onGivenUp: cutOff });
    holdingOn = setInterval(() => {
      if (!ending) groups.holdOn();
    }, holdOnEveryMs);
    isAgentAway = true;
    link.agentLeaves();
    link.notify({ type: "detached" });
  };
  const obeyNext = (adoption: Adoption, lifeline: Socket): void => {
    ({ agent, configuration } = adoption);
    isAgentAway = false;
    let isAlive = true;
    lifeline.once("close", () => {
      isAlive = false;
      if (!isAgentAway) cutOff("the agent ended");
    });
    const isWanted = (): boolean => isAlive && !ending;
    link.openAgain(configuration.socket, configuration.secret, isWanted, () => {
      clearInterval(holdingOn);
      groups.tellProcesses();
    });
  };

  // Whichever closes first, the process or its control loop is dead, and with it whoever renews the leases.
  process.stdin.once("close", () => {
    if (!isAgentAway) cutOff("the agent ended");
  });
  // Taking down must happen even where a fault of the guardian's own is the reason.
  process.on("uncaughtException", (error) => {
    say(error.stack ?? error.message);
    end(`a fault of the guardian: ${error.message}`);
  });
  link.open(configuration.socket, configuration.secret);
}
