import { expect, it } from "vitest";
import { preflightTable } from "../../../functions/console/pages/preflight-table.ts";
import { preflight } from "../../../shared/domain/preflight/preflight-checks.ts";
import { preflightReport } from "../../../shared/domain/preflight/preflight-report.ts";
import { nodeReportSchema } from "../../../shared/protocol/cloud-messages.ts";
import { wellServer } from "../../shared/domain/preflight/well-server.ts";
import { healthySample } from "./sample-cluster.ts";

const sample = healthySample({ nodeNames: ["node-a", "node-b"] });
const evil = "<script>alert(1)</script>";
const results = preflight({ ...wellServer, dataDirectory: { problem: evil }, addressGate: { problem: "nft is not installed" } });
const shown = async (despite: readonly string[]): Promise<string> => {
  const [first, ...others] = sample.reports;
  if (first === undefined) throw new Error("there is a first node");
  const report = { ...first, preflight: preflightReport("2026-11-22T10:00:00.000Z", results, despite) };
  expect(nodeReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  return String(await preflightTable({ ...sample, reports: [report, ...others] }));
};

it("each finding with its outcome in shape and word, what was seen as text, and the next step; what is well is counted", async () => {
  const text = await shown([]);
  expect(text).toContain(`${results.length - 2} of ${results.length}`);
  expect(text).toContain("Failed");
  expect(text).toContain("Warning");
  expect(text).toContain("data-directory");
  expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(text).not.toContain(evil);
  expect(text).toContain("Install nftables");
  expect(text).toContain("not told yet");
  expect(text).not.toContain("joined although");
});

it("a node that joined in spite of failed checks says so", async () => {
  expect(await shown(["data-directory"])).toContain("joined although these had failed: data-directory");
});

it("nodes that tell none: no table", async () => {
  expect(String(await preflightTable(sample))).toBe("");
});
