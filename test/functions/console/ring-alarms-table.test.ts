import { expect, it } from "vitest";
import { ringAlarmsTable } from "../../../functions/console/pages/ring-alarms-table.ts";
import { clusterStatus } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { Observation } from "../../../shared/domain/monitoring/observation.ts";
import type { RingAlarm } from "../../../shared/domain/monitoring/ring-alarms.ts";
import { nodeReportSchema } from "../../../shared/protocol/cloud-messages.ts";
import { healthySample, takenOverSample } from "./sample-cluster.ts";

const three = { nodeNames: ["node-a", "node-b", "node-c"] };
const alarms: readonly RingAlarm[] = [
  { name: "readiness", dataSet: "crm", colour: "green", reason: "" },
  { name: "activity", dataSet: "crm", colour: "yellow", reason: "with node-c, in place of node-b" },
  { name: "age", dataSet: "crm", colour: "red", reason: "what it shows of node-c is 31.0 s old" },
  { name: "time", dataSet: null, colour: "grey", reason: "no other node's clock is known" },
];

async function shown(observation: Observation): Promise<string> {
  const reports = observation.reports.map((report) => ({ ...report, alarms: [...alarms] }));
  for (const report of reports) expect(nodeReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  return String(await ringAlarmsTable(clusterStatus({ ...observation, reports }).nodes));
}

it("each node's alarms by data set: their colours as shape and word, and the ages in its own words", async () => {
  const text = await shown(healthySample(three));
  expect(text.match(/<th scope="row"/g)).toHaveLength(3);
  for (const words of ["Green", "Yellow", "Red", "Grey", "what it shows of node-c is 31.0 s old"]) expect(text).toContain(words);
  expect(text).not.toContain("as last reported");
});

it("of a node that is down: grey, and as last reported", async () => {
  const text = await shown(takenOverSample(three));
  const [, first = "", ...others] = text.split("<tr>").filter((part) => part.includes('scope="row"') || part.includes("<thead"));
  expect(first).toContain("as last reported");
  expect(first).not.toMatch(/Green|Yellow|Red</);
  expect(others.every((row) => row.includes("Yellow"))).toBe(true);
});

it("nodes that tell none: no table", async () => {
  expect(String(await ringAlarmsTable(clusterStatus(healthySample(three)).nodes))).toBe("");
});
