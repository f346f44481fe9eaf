import { expect, test } from "vitest";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import { oncePerDocument } from "../../../../shared/domain/membership/once-per-document.ts";
import { votersOf } from "../../../../shared/domain/membership/quorum.ts";
import { clusterDocument, nodeIdOf } from "../../../simulation/cluster.ts";
import { swarmOptions } from "../../../simulation/swarm.ts";

const documentOf = (version: number, nodes: number): ClusterDocument =>
  clusterDocument(
    swarmOptions(1),
    version,
    Array.from({ length: nodes }, (_, index) => nodeIdOf(index)),
  );

test("the answer is worked out once for each document, and each has its own", () => {
  const asked: number[] = [];
  const namesOf = oncePerDocument(({ nodes, version }) => {
    asked.push(version);
    return nodes.map(({ name }) => name);
  });
  const [before, after] = [documentOf(1, 2), documentOf(2, 3)];
  expect([namesOf(before), namesOf(after), namesOf(before)]).toEqual([
    ["a", "b"],
    ["a", "b", "c"],
    ["a", "b"],
  ]);
  expect(asked).toEqual([1, 2]);
});

test("two documents of the same version are two all the same", () => {
  expect(votersOf(documentOf(1, 2))).toHaveLength(2);
  expect(votersOf(documentOf(1, 3))).toHaveLength(3);
});
