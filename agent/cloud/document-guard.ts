import { networkInterfaces } from "node:os";
import { z } from "zod";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import {
  afterSuccession,
  continuityProblems,
  type KnownMember,
  knownMembers,
  type OwnNetworks,
} from "../../shared/domain/membership/document-continuity.ts";
import { parseSubnetAddress, type SubnetAddress } from "../../shared/domain/membership/ip-address.ts";
import { nodeIdSchema, sha256HexSchema, timestampSchema } from "../../shared/protocol/id-schemas.ts";
import { reasonOf } from "../agent-error.ts";
import type { TrustSettings } from "../config/trust-settings.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import { parseJson } from "../storage/parse-json.ts";

const memoryMs = 86_400_000;
/** Each is written to the disk and changes every part of the agent: more are held back, and the newest of them is taken when there is room. */
const pace = { documents: 60, withinMs: 60_000 } as const;

const memorySchema = z.strictObject({
  since: timestampSchema,
  members: z.array(z.strictObject({ nodeId: nodeIdSchema, certificateSha256: sha256HexSchema })).max(64),
});

/** Who the members were when this memory began. */
export interface MemberMemory {
  readonly since: string;
  readonly members: readonly KnownMember[];
}

export interface DocumentGuardOptions {
  /** Of the file that keeps the memory. */
  readonly path: string;
  readonly settings: TrustSettings;
  readonly inForce: ClusterDocument;
  readonly wallClock: () => Date;
  /** Milliseconds of any steady clock. */
  readonly nowMs: () => number;
  /** For the log. */
  readonly onTrouble: (reason: string) => void;
  readonly interfaces?: typeof networkInterfaces;
}

/** This node's own word on a document whose signature is right: it has known its cluster for a while, and its settings say where that may be. */
export class DocumentGuard {
  readonly #options: DocumentGuardOptions;
  #memory: MemberMemory;
  #acceptedAtMs: readonly number[] = [];

  private constructor(options: DocumentGuardOptions, memory: MemberMemory) {
    this.#options = options;
    this.#memory = memory;
  }

  /** A memory that is missing or damaged begins with the document in force. */
  static async open(options: DocumentGuardOptions): Promise<DocumentGuard> {
    const text = await readIfPresent(options.path);
    const kept = memorySchema.safeParse(text === null ? null : parseJson(text));
    const guard = new DocumentGuard(options, kept.success ? kept.data : memoryOf(options, options.inForce));
    if (!kept.success) await guard.#keep();
    return guard;
  }

  get memory(): MemberMemory {
    return this.#memory;
  }

  /** Why somebody here must say so before the document is in force; null: nobody need. */
  problemOf(current: ClusterDocument, next: ClusterDocument): string | null {
    const { settings } = this.#options;
    const problems = [...continuityProblems(current, next, this.#membersADayAgo(current), this.#ownNetworks())];
    if (this.#recent().length >= pace.documents) problems.unshift(`${pace.documents} documents were taken within the last minute`);
    if (settings.changes === "ask") return ["trust.changes of this node's settings is ask", ...problems].join("; ");
    return problems.length === 0 ? null : problems.join("; ");
  }

  /** `next` is in force from now on, in place of `before`. `consented`: somebody here has said so, and its members are those to remember. */
  async accepted(before: ClusterDocument, next: ClusterDocument, consented: boolean): Promise<void> {
    const { wallClock, nowMs } = this.#options;
    this.#acceptedAtMs = [...this.#recent(), nowMs()];
    const ageMs = wallClock().getTime() - Date.parse(this.#memory.since);
    // Where the clock was put back nobody knows how old it is.
    const isFresh = ageMs >= 0 && ageMs < memoryMs;
    // A day that begins now begins with those who were there before this change: else two halves could go at its turn.
    const begun = isFresh ? this.#memory : memoryOf(this.#options, before);
    const members = afterSuccession(begun.members, before, next);
    const kept = consented ? memoryOf(this.#options, next) : { ...begun, members };
    if (JSON.stringify(kept) === JSON.stringify(this.#memory)) return;
    this.#memory = kept;
    await this.#keep();
  }

  #recent(): readonly number[] {
    const fromMs = this.#options.nowMs() - pace.withinMs;
    return this.#acceptedAtMs.filter((atMs) => atMs > fromMs);
  }

  #membersADayAgo(current: ClusterDocument): readonly KnownMember[] {
    const ageMs = this.#options.wallClock().getTime() - Date.parse(this.#memory.since);
    return ageMs >= memoryMs ? knownMembers(current) : this.#memory.members;
  }

  async #keep(): Promise<void> {
    const { path, onTrouble } = this.#options;
    await writeDurably(path, `${JSON.stringify(this.#memory)}\n`).catch((error: unknown) => {
      onTrouble(
        `${path} cannot be written (${reasonOf(error)}): after a restart this node knows the members of the document in force, and no earlier ones`,
      );
    });
  }

  #ownNetworks(): OwnNetworks {
    const { settings, interfaces = networkInterfaces } = this.#options;
    const attached = Object.values(interfaces()).flatMap((addresses) =>
      (addresses ?? []).flatMap(({ cidr }) => (cidr === null ? [] : subnetsOf(cidr))),
    );
    return {
      subnets: [...attached, ...settings.networks.flatMap(subnetsOf)],
      front: settings.addresses?.flatMap(subnetsOf) ?? null,
      names: new Set(settings.networks.map((text) => text.toLowerCase())),
    };
  }
}

function subnetsOf(text: string): readonly SubnetAddress[] {
  const subnet = parseSubnetAddress(text);
  return subnet === null ? [] : [subnet];
}

function memoryOf({ wallClock }: DocumentGuardOptions, document: ClusterDocument): MemberMemory {
  return { since: wallClock().toISOString(), members: knownMembers(document) };
}
