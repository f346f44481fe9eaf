import type { NodeId } from "../../shared/domain/ids.ts";
import { type CertificateLife, rotationDueAtMs } from "../../shared/domain/membership/certificate-life.ts";
import type { Certified } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { reasonOf } from "../agent-error.ts";
import { lifeOf, type NodeIdentity, successionRequest } from "../link/identity.ts";
import { freshNextIdentity } from "../link/make-identity.ts";
import { inOrderOfUse } from "../link/own-certificates.ts";
import { takeNextIdentity } from "../link/take-next-identity.ts";
import type { DataPaths } from "../storage/data-directory.ts";

const dayMs = 86_400_000;
const lookEveryMs = 60_000;
/** After a failed request; it doubles with each further one. */
const retryMs = { first: 30_000, most: 3_600_000 } as const;

export interface CertificateKeeperOptions {
  readonly nodeId: NodeId;
  readonly paths: Pick<DataPaths, "root" | "key" | "certificate" | "nextKey">;
  /** For how long a new certificate is good. */
  readonly lifeDays: number;
  readonly document: () => ClusterDocument;
  /** Asks the control plane to name the next one. Rejects with the reason. */
  readonly ask: (request: ReturnType<typeof successionRequest>) => Promise<void>;
  readonly nowMs: () => number;
  readonly record: (detail: EventDetail) => void;
  readonly onTrouble: (reason: string) => void;
}

/** What an operator is told. Instants ISO 8601 UTC. */
export interface CertificateStanding {
  readonly sha256: string;
  readonly from: string;
  readonly until: string;
  readonly renewsAt: string;
  /** The next one's SHA-256; `isNamed`: the cluster document names it. */
  readonly next: { readonly sha256: string; readonly isNamed: boolean } | null;
  /** Why the next one could not be had yet. */
  readonly problem: string | null;
}

/**
 * Renews this node's key and certificate: makes new ones in time, has the control plane name them beside the present ones, shows them as soon as the
 * cluster document does, and drops the old ones when it names them alone. At every point of this what lies on disk is a whole identity that the
 * document names, and both are tried where there are two: a crash anywhere leaves a node that goes on from there.
 */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  #present: NodeIdentity;
  #next: NodeIdentity | null;
  #order: readonly NodeIdentity[];
  #seen: ClusterDocument | null = null;
  #isAsked = false;
  #problem: string | null = null;
  #askAgainAtMs = 0;
  #failures = 0;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #followers: ((identities: readonly NodeIdentity[]) => void)[] = [];

  constructor(options: CertificateKeeperOptions, present: NodeIdentity, next: NodeIdentity | null) {
    this.#options = options;
    this.#present = present;
    this.#next = next;
    this.#order = this.#ordered();
  }

  /** In the order of their use: the first is shown. */
  get identities(): readonly NodeIdentity[] {
    return this.#order;
  }

  get inUse(): NodeIdentity {
    return this.#order[0] ?? this.#present;
  }

  get standing(): CertificateStanding {
    const life = lifeOf(this.#present);
    const next = this.#next;
    const isNamed = next !== null && this.#member?.nextCertificate?.sha256 === next.certificateSha256;
    return {
      sha256: this.#present.certificateSha256,
      from: isoOf(life.fromMs),
      until: isoOf(life.untilMs),
      renewsAt: isoOf(this.#dueAtMs(life)),
      next: next === null ? null : { sha256: next.certificateSha256, isNamed },
      problem: this.#problem,
    };
  }

  /** Told whenever the identities or their order have changed. */
  follow(follower: (identities: readonly NodeIdentity[]) => void): void {
    this.#followers.push(follower);
  }

  /** From now on it looks by itself. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
    void this.look();
  }

  /** Called with every view of the core, so that a new document is seen at once. */
  viewChanged(): void {
    if (this.#options.document() !== this.#seen && this.#timer !== undefined) void this.look();
  }

  /** An operator wants new ones, whatever the age of the present ones. Resolves when the control plane has been asked; rejects with its reason. */
  async rotate(): Promise<CertificateStanding> {
    if (this.#member === undefined) throw new Error("this node was removed from its cluster: no cluster document names it any more");
    this.#isAsked = true;
    this.#askAgainAtMs = 0;
    await this.look();
    if (this.#problem !== null) throw new Error(this.#problem);
    return this.standing;
  }

  /** Does what is due now. One at a time; never rejects. */
  look(): Promise<void> {
    this.#work = this.#work.then(() => this.#look()).catch((error: unknown) => this.#failed(reasonOf(error)));
    return this.#work;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#work;
  }

  async #look(): Promise<void> {
    this.#seen = this.#options.document();
    const member = this.#member;
    // Removed, it is nobody, and asks for nothing.
    if (member === undefined) return;
    if (this.#next !== null && member.certificateSha256 === this.#next.certificateSha256) await this.#promote(this.#next);
    const isNamed = this.#next !== null && member.nextCertificate?.sha256 === this.#next.certificateSha256;
    // One change at a time: who asks for another meanwhile has it already.
    if (isNamed) this.#isAsked = false;
    const isWanted = this.#isAsked || this.#next !== null || this.#options.nowMs() >= this.#dueAtMs(lifeOf(this.#present));
    if (isWanted && !isNamed) await this.#askForNext();
    this.#tell();
  }

  async #askForNext(): Promise<void> {
    const { paths, lifeDays, nowMs, ask } = this.#options;
    if (nowMs() < this.#askAgainAtMs) return;
    this.#next = await freshNextIdentity(paths, this.#next, lifeDays, nowMs());
    // Before it is asked for: the document may name it before the answer is here.
    this.#tell();
    await ask(successionRequest(this.#present, this.#next));
    this.#isAsked = false;
    this.#problem = null;
    this.#failures = 0;
    // A document that has not come by then is asked for again, which is harmless.
    this.#askAgainAtMs = nowMs() + retryMs.first;
  }

  /** The document names it alone: the one before is nobody's any more. */
  async #promote(next: NodeIdentity): Promise<void> {
    const { paths, record } = this.#options;
    await takeNextIdentity(paths);
    this.#present = next;
    this.#next = null;
    this.#problem = null;
    record({ kind: "certificate.rotated", sha256: next.certificateSha256, expiresAt: isoOf(lifeOf(next).untilMs) });
  }

  #failed(reason: string): void {
    const { nowMs, onTrouble } = this.#options;
    this.#problem = reason;
    this.#askAgainAtMs = nowMs() + Math.min(retryMs.most, retryMs.first * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    onTrouble(`this node's certificate cannot be renewed yet, and is tried again: ${reason}`);
  }

  /** Said only where something has changed. */
  #tell(): void {
    const order = this.#ordered();
    if (order.map(({ certificateSha256 }) => certificateSha256).join() === this.#order.map((one) => one.certificateSha256).join()) return;
    this.#order = order;
    for (const follower of this.#followers) follower(order);
  }

  #ordered(): readonly NodeIdentity[] {
    return inOrderOfUse([this.#present, ...(this.#next === null ? [] : [this.#next])], this.#member);
  }

  get #member(): Certified | undefined {
    return membersOf(this.#options.document()).find(({ nodeId }) => nodeId === this.#options.nodeId);
  }

  #dueAtMs(life: CertificateLife): number {
    return rotationDueAtMs(life, this.#options.lifeDays * dayMs);
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
