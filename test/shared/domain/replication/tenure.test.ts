import { expect, test } from "vitest";
import { writeProblem } from "../../../../shared/domain/replication/tenure.ts";

test("a tenure: may write to the last microsecond of its lease, and never once a later one has been heard of", () => {
  const tenure = { epoch: 3, untilUs: 100 };
  expect(writeProblem(tenure, 3, 99)).toBeNull();
  expect(writeProblem(tenure, 0, 0)).toBeNull();
  expect(writeProblem(tenure, 3, 100)).toBe("the lease has ended, and was not renewed in time");
  expect(writeProblem(tenure, 4, 0)).toBe("epoch 3 is over: another node has written under epoch 4");
});
