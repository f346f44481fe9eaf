import { type Replication, type ReplicationOptions, startReplication } from "./replication.ts";

const done = (): Promise<void> => Promise.resolve();

/** What a witness has in place of replication: it holds no data, and nobody sends it any. */
const none: Replication = {
  port: 0,
  identitiesChanged: () => {},
  documentChanged: () => {},
  reachableChanged: () => {},
  holdingsChanged: () => {},
  becameOperational: done,
  flush: done,
  digest: (dataSet) => Promise.reject(new Error(`a witness has no data set ${dataSet}`)),
  barrier: (dataSet) => Promise.reject(new Error(`a witness has no data set ${dataSet}`)),
  files: () => Promise.reject(new Error("a witness has no data sets")),
  conflicts: () => Promise.reject(new Error("a witness has no data sets")),
  data: () => Promise.reject(new Error("a witness has no data sets")),
  releaseWithheld: () => Promise.reject(new Error("a witness writes nothing that could wait for its clock")),
  drift: () => Promise.reject(new Error("a witness has no data sets")),
  records: ({ dataSet }) => Promise.resolve({ refused: "unknown-data-set", reason: `a witness has no data set ${dataSet}` }),
  forward: () => Promise.resolve({ kind: "unsent", reason: "a witness has no data sets" }),
  carryOutWith: () => {},
  stop: done,
};

/** The replication of a node, or a witness's lack of it: what an identity was enrolled as never changes. Rejects as `startReplication` does. */
export async function startReplicationOf(options: ReplicationOptions): Promise<Replication> {
  const { document, nodeId } = options;
  return document.witness?.nodeId === nodeId ? none : startReplication(options);
}
