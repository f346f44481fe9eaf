import type { GroupName } from "../../shared/domain/ids.ts";
import type { AddressResource, ServiceResource } from "../../shared/domain/membership/resource.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import type { ProcessId } from "./marked-processes.ts";

/** What the guardian runs, as the cluster document names it. Other kinds of resources follow the group elsewhere. */
export type GuardedResource = ServiceResource | AddressResource;

/** Under which right something runs: the group, and its fencing number, which grows with every change of holder. */
export interface Tenure {
  readonly group: GroupName;
  readonly epoch: number;
}

export type StartOutcome = { readonly started: true } | { readonly started: false; readonly reason: string };

export function refusedStart(reason: string): StartOutcome {
  return { started: false, reason };
}

/** What would be left of a resource if the guardian were killed now; an agent that starts later takes it down by this. */
export type ResourceTrace =
  | { readonly kind: "service"; readonly name: string; readonly process: ProcessId | null }
  | { readonly kind: "address"; readonly name: string; readonly address: string };

/**
 * A resource on this node, made anew for every start. What goes wrong after the start is said by the adapter's own callback
 * (`onFailed`, once a start); it then still runs until it is stopped.
 */
export interface Resource {
  readonly definition: GuardedResource;
  readonly trace: ResourceTrace;
  /** Resolves when it runs and is well, or says why it is not; a start that was refused must still be stopped. Called once. */
  start(tenure: Tenure): Promise<StartOutcome>;
  /**
   * The lease lasts until this instant. Where the kernel can guard a resource, it takes it down then by itself, whatever has
   * become of this process; everything else is taken down by the guardian.
   */
  hold(untilUs: MonotonicUs): void;
  /**
   * Gently where the deadline leaves time, and always by force before it. Resolves when nothing of the resource is left; rejects
   * where the kernel does not let go of it. Said again, it only brings the deadline forward.
   */
  stop(deadlineUs: MonotonicUs): Promise<void>;
}

/** One thing, however often the document is sent: an address that changed under its name is another one. */
export function isSameResource(one: GuardedResource, other: GuardedResource): boolean {
  return resourceKey(one) === resourceKey(other);
}

function resourceKey(resource: GuardedResource): string {
  return resource.kind === "service" ? `service ${resource.name}` : `address ${resource.name} ${resource.address}`;
}
