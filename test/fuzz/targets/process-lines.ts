import { PassThrough } from "node:stream";
import { readLines, toLine } from "../../../agent/node/json-lines.ts";
import { bytesOf, type FuzzTarget, promise, sameAs } from "../fuzz-target.ts";

export const processLines: FuzzTarget = {
  name: "process-lines",
  reads: "orders and notices between the agent's processes, a JSON value a line",
  share: 15,
  seeds: [bytesOf(toLine({ type: "hello", secret: "s", pid: 4 }) + toLine({ type: "alive" })), bytesOf(toLine({ reason: "ä\u2028" }))],
  words: ["\n", "\r\n", "{", "}\n{"],
  execute: async (input) => {
    const stream = new PassThrough();
    const values: unknown[] = [];
    const ended = new Promise<Error | null>((resolve) => {
      stream.once("error", resolve);
      stream.once("end", () => resolve(null));
    });
    readLines(stream, (value) => values.push(value));
    const half = Math.floor(input.length / 2);
    stream.write(input.subarray(0, half));
    stream.end(input.subarray(half));
    const problem = await ended;
    stream.destroy();
    if (problem === null) {
      sameAs(
        values.map((value) => JSON.parse(toLine(value)) as unknown),
        values,
        "a line",
      );
      return "accepted";
    }
    promise(/line/.test(problem.message), `a line that is no value ends with: ${problem.message}`);
    return "refused";
  },
};
