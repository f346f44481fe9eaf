import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";

export type CloudLinkState =
  | { readonly state: "connected"; readonly since: string }
  | { readonly state: "disconnected"; readonly since: string; readonly reason: string };

/** The way to the control plane. Nobody waits for it: it sends what the outbox holds whenever there is a connection. */
export interface CloudLink {
  readonly state: CloudLinkState;
  /** The node's identities, or their order, have changed. */
  identitiesChanged(): void;
  /** There may be something new in the outbox. */
  outboxChanged(): void;
  /** Replaces a report that has not been sent yet: only the newest counts. */
  report(report: NodeReport): void;
  close(): Promise<void>;
}
