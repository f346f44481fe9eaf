import { describe, expect, it } from "vitest";
import { keepRecord } from "../../../agent/dns/record-keeper.ts";
import type { UpdateOutcome } from "../../../shared/domain/dns/update-course.ts";

/** Runs a keeper whose attempts end like this, one after the other; it is stopped after the last. Returns what it told, in order. */
async function told(outcomes: readonly (UpdateOutcome["is"] | Error)[]): Promise<string[]> {
  const lines: string[] = [];
  const stopping = new AbortController();
  const left = [...outcomes];
  await keepRecord(
    {
      update: async () => {
        const outcome = left.shift() ?? "kept";
        if (outcome instanceof Error) throw outcome;
        return outcome === "overtaken" ? { is: outcome, by: { epoch: 9 } as never } : { is: outcome };
      },
      updated: () => lines.push("updated"),
      failed: (reason) => lines.push(`failed: ${reason}`),
      overtaken: ({ epoch }) => lines.push(`overtaken by ${epoch}`),
      wait: async (ms) => {
        lines.push(`wait ${ms}`);
        if (left.length === 0) stopping.abort();
        return stopping.signal.aborted;
      },
    },
    stopping.signal,
  );
  return lines;
}

const down = new Error("no answer");

describe("keeping a record", () => {
  it("one that is as it should be is looked at once a minute, and nothing is said of it", async () => {
    expect(await told(["updated", "kept", "kept"])).toEqual(["updated", "wait 60000", "wait 60000", "wait 60000"]);
  });

  it("a server that does not answer is asked again, more and more rarely, and told of once", async () => {
    const lines = await told(Array.from({ length: 9 }, () => down));
    expect(lines.filter((line) => line.startsWith("wait"))).toEqual(
      [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000].map((ms) => `wait ${ms}`),
    );
    expect(lines.filter((line) => line.startsWith("failed"))).toEqual(["failed: no answer"]);
    expect(lines.indexOf("failed: no answer")).toBe(1);
  });

  it("one lost packet is not told; another reason is; and the same one again after a success", async () => {
    expect(await told([down, "updated"])).toEqual(["wait 500", "updated", "wait 60000"]);
    const lines = await told([down, down, new Error("REFUSED"), "updated", down, down]);
    expect(lines.filter((line) => !line.startsWith("wait"))).toEqual([
      "failed: no answer",
      "failed: REFUSED",
      "updated",
      "failed: no answer",
    ]);
  });

  it("who was overtaken stops for good; who was not operational for a moment looks again soon", async () => {
    expect(await told(["overtaken"])).toEqual(["overtaken by 9"]);
    expect(await told(["not-current", "updated"])).toEqual(["wait 500", "updated", "wait 60000"]);
  });
});
