import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { ProbeSettings } from "../config/probe-settings.ts";
import { saysMaintenance } from "../node/maintenance.ts";
import type { HealthCheck } from "./health-check.ts";
import { type ProbeLine, WatchedProbe } from "./watched-probe.ts";

export interface ProbeBoardOptions {
  readonly nodeId: NodeId;
  /** By name. */
  readonly settings: Readonly<Record<string, ProbeSettings>>;
  readonly make: (settings: ProbeSettings, host: string) => HealthCheck;
  readonly document: () => ClusterDocument;
  readonly isInMaintenance: () => boolean;
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
}

interface Watched {
  readonly name: string;
  readonly node: ClusterNode;
  readonly probe: WatchedProbe;
}

/** Every probe of this node's settings on every node of the cluster, this one too (I-93). */
export class ProbeBoard {
  readonly #options: ProbeBoardOptions;
  #document: ClusterDocument | null = null;
  #watched: readonly Watched[] = [];
  #view: NodeView | null = null;
  #closing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ProbeBoardOptions) {
    this.#options = options;
  }

  /** By probe, in the order of the cluster's ring. */
  get lines(): readonly ProbeLine[] {
    return this.#watched.map(({ node, probe }) => probe.line(this.#isInMaintenance(node.nodeId)));
  }

  /** Comes with every view, many times a second: only another document changes who is looked at. */
  viewChanged(view: NodeView): void {
    this.#view = view;
    const document = this.#options.document();
    if (document === this.#document || this.#isClosed) return;
    this.#document = document;
    this.#watched = this.#replaced(document);
  }

  /** Resolves when nothing is looked at any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#closing, ...this.#watched.map(({ probe }) => probe.close())]);
  }

  /** Who was looked at under the same name and address still is, with all that was seen. */
  #replaced({ nodes }: ClusterDocument): readonly Watched[] {
    const { settings } = this.#options;
    const before = new Set(this.#watched);
    const now = Object.entries(settings).flatMap(([name, probe]) =>
      nodes.map((node): Watched => {
        const kept = [...before].find((one) => one.name === name && isSame(one.node, node));
        if (kept === undefined) return { name, node, probe: this.#watch(name, probe, node) };
        before.delete(kept);
        return kept;
      }),
    );
    this.#closing = Promise.all([this.#closing, ...[...before].map(({ probe }) => probe.close())]);
    return now;
  }

  #watch(name: string, settings: ProbeSettings, node: ClusterNode): WatchedProbe {
    const { make, nowMs, chance } = this.#options;
    return new WatchedProbe({ name, settings, node, check: make(settings, node.host), nowMs, chance });
  }

  #isInMaintenance(node: NodeId): boolean {
    if (node === this.#options.nodeId) return this.#options.isInMaintenance();
    return saysMaintenance(this.#view?.peers.find(({ nodeId }) => nodeId === node)?.problems ?? {});
  }
}

function isSame(one: ClusterNode, other: ClusterNode): boolean {
  return one.nodeId === other.nodeId && one.host === other.host && one.name === other.name;
}
