import { join } from "node:path";
import type { DataSet } from "../../shared/domain/membership/cluster-document.ts";

/** An application that the lab's cluster protects: what its installer declares in the cluster, and puts on each host. */
export interface LabApplication {
  readonly name: string;
  /** Commands that it needs beyond the lab's own, each with the Debian packages that it takes. */
  readonly commands: Readonly<Record<string, string>>;
  readonly dataSets: readonly DataSet[];
  /** Services of the first group, in the order of their start; the group's address comes before them. */
  readonly services: readonly string[];
  /** Makes a host ready before its agent starts. Resolves with the agent's settings for it. */
  readonly install: (place: InstallationPlace) => Promise<ApplicationSettings>;
}

export interface InstallationPlace {
  /** Of the application alone, on this host. */
  readonly folder: string;
  /** Of the first group: where the application's clients ask. */
  readonly groupAddress: string;
  /** Whether this is the host whose data the others take. */
  readonly isFirst: boolean;
}

/** As the agent's settings have them. */
export interface ApplicationSettings {
  readonly services: Readonly<Record<string, { readonly start: readonly string[]; readonly health: readonly string[] }>>;
  readonly dataSets: Readonly<Record<string, { readonly path: string }>>;
}

/** Where the application lies on a host. */
export function applicationFolder(hostFolder: string): string {
  return join(hostFolder, "application");
}
