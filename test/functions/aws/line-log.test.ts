import { expect, it } from "vitest";
import { lineLog } from "../../../functions/aws/line-log.ts";

it("one line of JSON for each entry from the least level on; errors are told with their causes", () => {
  const lines: string[] = [];
  const log = lineLog("warn", (line) => lines.push(line));
  log.info({}, "not told");
  const err = new AggregateError([new TypeError("inner")], "outer", { cause: new Error("why\nnext line") });
  log.error({ err, clusterId: "clus_1" }, "it failed");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: 50,
    msg: "it failed",
    clusterId: "clus_1",
    err: {
      type: "AggregateError",
      message: "outer",
      cause: { message: "why\nnext line" },
      errors: [{ type: "TypeError", message: "inner" }],
    },
  });
});
