import { isIP } from "node:net";
import type { NodeId } from "../../shared/domain/ids.ts";

/** One connection of a peer's agent. */
export interface RunConnection {
  /** Milliseconds since it last said something. */
  readonly silentMs: number;
}

/** Who knocks: a peer by its certificate, and which run of its agent. */
export interface Caller {
  readonly peer: NodeId;
  /** Random, made at the agent's start: two at once are two machines that have one identity. */
  readonly run: string;
  readonly address: string;
  /** It comes from where the cluster document says that the peer is. */
  readonly isAtHome: boolean;
}

export type Admission<Connection> =
  /** `ousted`: connections of an earlier run, to be closed. */
  | { readonly admitted: true; readonly ousted: readonly Connection[] }
  /** Another run of the same node is alive here; `reason` is for people. */
  | { readonly admitted: false; readonly reason: string };

/** A second agent with the identity of a node that is alive: its disk was copied. */
export interface Twin {
  readonly peer: NodeId;
  /** Where it connects from. */
  readonly address: string;
  readonly run: string;
}

interface Living<Connection> {
  caller: Caller;
  readonly connections: Set<Connection>;
  /** Of whoever was turned away since, and when first. */
  rival: { readonly run: string; readonly sinceMs: number } | undefined;
}

/** A run that has said nothing for so long may have lost its machine: longer than the longest pause between two signs of life. */
const aliveWithinMs = 2_500;
/** An agent that was just started anew may knock while what its forerunner said is still on its way; a twin knocks on, and is told of then. */
const twinAfterMs = 5_000;
/** A twin that is started over and over is one piece of news. */
const tellAgainAfterMs = 600_000;
/** More than that are started over and over, and the oldest have ended. */
const twinsRemembered = 32;
const nextStep = "one of the two machines has a copy of the other's disk; stop it, and enrol it anew";

/**
 * Of each peer's agent one run at a time is listened to. A machine that was copied with its disk has the identity of the first one, certificate
 * and all; taken for one node, the two would acknowledge each other's data and vote twice. The one at the node's own address has precedence;
 * otherwise whoever is here and alive stays. A run that was found to be a copy stays outside also when the node itself is away, until its agent is
 * started anew: so a node that is restarted finds its place free.
 */
export class LiveRuns<Connection extends RunConnection> {
  readonly #living = new Map<NodeId, Living<Connection>>();
  readonly #toldAtMs = new Map<NodeId, number>();
  readonly #twins = new Set<string>();
  readonly #onTwin: (twin: Twin) => void;

  constructor(onTwin: (twin: Twin) => void) {
    this.#onTwin = onTwin;
  }

  /** What is admitted counts from now on, until it has `left`. */
  admit(caller: Caller, connection: Connection, nowMs: number): Admission<Connection> {
    const living = this.#living.get(caller.peer);
    if (living?.caller.run === caller.run) {
      living.connections.add(connection);
      if (caller.isAtHome) living.caller = caller;
      return { admitted: true, ousted: [] };
    }
    if (this.#twins.has(caller.run) && !caller.isAtHome) {
      return { admitted: false, reason: `it was here while another run of the same node was alive: ${nextStep}` };
    }
    if (living !== undefined && isAlive(living) && (living.caller.isAtHome || !caller.isAtHome)) {
      this.#turnedAway(living, caller, nowMs);
      const reason = `another run of this node, at ${living.caller.address}, is connected and alive. If that goes on, ${nextStep}`;
      return { admitted: false, reason };
    }
    this.#living.set(caller.peer, { caller, connections: new Set([connection]), rival: undefined });
    return { admitted: true, ousted: [...(living?.connections ?? [])] };
  }

  left(peer: NodeId, connection: Connection): void {
    const living = this.#living.get(peer);
    living?.connections.delete(connection);
    if (living?.connections.size === 0) this.#living.delete(peer);
  }

  #turnedAway(living: Living<Connection>, { peer, run, address }: Caller, nowMs: number): void {
    if (living.rival?.run !== run) living.rival = { run, sinceMs: nowMs };
    if (nowMs - living.rival.sinceMs < twinAfterMs) return;
    this.#remember(run);
    if (nowMs - (this.#toldAtMs.get(peer) ?? Number.NEGATIVE_INFINITY) < tellAgainAfterMs) return;
    this.#toldAtMs.set(peer, nowMs);
    this.#onTwin({ peer, address, run });
  }

  #remember(run: string): void {
    this.#twins.add(run);
    const [oldest] = this.#twins;
    if (this.#twins.size > twinsRemembered && oldest !== undefined) this.#twins.delete(oldest);
  }
}

/** Names a run as an agent does, with a random UUID. */
export function isRun(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** Whether an address is one of those that a member has in the cluster document; names are not looked up. */
export function isOneOf(address: string, hosts: readonly string[]): boolean {
  return isIP(address) !== 0 && hosts.includes(address);
}

/** As addresses are written in settings: an IPv4 address also where the socket is one of IPv6. */
export function plainAddress(remoteAddress: string | undefined): string {
  return remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "an unknown address";
}

function isAlive({ connections }: Living<RunConnection>): boolean {
  return [...connections].some(({ silentMs }) => silentMs <= aliveWithinMs);
}
