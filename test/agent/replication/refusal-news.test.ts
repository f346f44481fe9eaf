import { describe, expect, it } from "vitest";
import { RefusalNews } from "../../../agent/replication/refusal-news.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { DataSetStatus } from "../../../shared/domain/replication/replication-status.ts";

function status(phase: DataSetStatus["phase"], problem?: string): readonly DataSetStatus[] {
  const base = { name: "crm", phase, vector: {}, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 };
  return [problem === undefined ? base : { ...base, problem }];
}

function told(...seen: readonly (readonly DataSetStatus[])[]): string[] {
  const reasons: string[] = [];
  const news = new RefusalNews((detail: EventDetail) => reasons.push(detail.kind === "replication.refused" ? detail.reason : detail.kind));
  for (const one of seen) news.look(one);
  return reasons;
}

describe("refusal news", () => {
  it("a refused data set: told once, though its file is tried again and again", () => {
    expect(told(status("refused", "damaged"), status("waiting-for-database"), status("refused", "damaged"))).toEqual(["damaged"]);
  });

  it("another reason is another event", () => {
    expect(told(status("refused", "damaged"), status("refused", "no primary key"))).toEqual(["damaged", "no primary key"]);
  });

  it("mended: told once; and refused again for the same reason: told again", () => {
    const seen = [status("refused", "damaged"), status("following"), status("following"), status("refused", "damaged")];
    expect(told(...seen)).toEqual(["damaged", "replication.ready", "damaged"]);
  });

  it("what only waits is not refused", () => {
    expect(told(status("following", "locked"), status("waiting-for-database", "does not exist yet"))).toEqual([]);
  });
});
