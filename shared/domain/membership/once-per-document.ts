import type { ClusterDocument } from "./cluster-document.ts";

/**
 * What follows from a document alone, worked out once for each: a document never changes, and with every message is asked again who votes. The
 * answer goes with the document.
 */
export function oncePerDocument<Answer extends object>(of: (document: ClusterDocument) => Answer): (document: ClusterDocument) => Answer {
  const known = new WeakMap<ClusterDocument, Answer>();
  return (document) => {
    const before = known.get(document);
    if (before !== undefined) return before;
    const answer = of(document);
    known.set(document, answer);
    return answer;
  };
}
