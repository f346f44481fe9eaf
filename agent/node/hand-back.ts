import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { usFromMs } from "../../shared/domain/time.ts";
import { LanMembers } from "../link/lan-members.ts";
import { OwnCertificates } from "../link/own-certificates.ts";
import { sayToPeers } from "../link/say-to-peers.ts";
import { holdsBy, monotonicUs } from "../resources/monotonic.ts";
import type { GuardianConfiguration } from "./guardian-protocol.ts";

/** From the end of a process's pipes to its end. One whose pipes ended and that lives on has closed them itself, and keeps its leases. */
const deathPatienceMs = 1_000;
const deathPollMs = 2;
/** A peer that is told later would have seen the lease run out. */
const sayPatienceMs = 1_500;

export interface HandBack {
  readonly configuration: GuardianConfiguration;
  readonly document: ClusterDocument;
  /** Base64, as the agent left them, once what it held is down; none where it does not go down. Never rejects. */
  readonly testaments: Promise<readonly string[]>;
  readonly isAgentDead: () => boolean;
}

/**
 * Gives the leases of a dead agent back to its peers, so that nobody has to wait until they have run out. Connections are made while what it held
 * is still taken down.
 */
export async function handBack({ configuration, document, testaments, isAgentDead }: HandBack): Promise<void> {
  const untilUs = monotonicUs() + usFromMs(deathPatienceMs);
  if (!(await holdsBy(() => untilUs, deathPollMs, isAgentDead))) return;
  const { identities, nodeId } = configuration;
  const payloads = testaments.then((all) => all.map((words) => Buffer.from(words, "base64")));
  const members = new LanMembers(nodeId, document);
  await sayToPeers({ own: new OwnCertificates(identities), members, payloads, patienceMs: sayPatienceMs });
}
