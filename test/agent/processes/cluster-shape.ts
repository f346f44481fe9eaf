/** How the nodes of a `LocalCluster` differ from agents that share one address and know nothing but their service. */
export interface ClusterShape {
  /** An address for each node: then every port is the same on all, as on servers of their own. */
  readonly hosts?: readonly string[];
  /** Of the service, where the document has to name it; else the kernel gives one to each node. */
  readonly servicePort?: number;
  /** Added to each node's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Beside those, by the port of the node's service. */
  readonly settingsOf?: (servicePort: number) => object;
  /** One more agent, that is the voting witness. */
  readonly hasWitness?: boolean;
}
