import { html } from "hono/html";
import { isAlive, type NodeStatus } from "../../../shared/domain/monitoring/node-status.ts";
import type { AlarmColour, AlarmName, RingAlarm } from "../../../shared/domain/monitoring/ring-alarms.ts";
import { type Tone, toneIcon } from "./icons.ts";
import type { Html } from "./markup.ts";
import { relativeTime } from "./moment.ts";

const toneOf: Readonly<Record<AlarmColour, Tone>> = { green: "ok", yellow: "warn", red: "bad", grey: "unknown" };
const wordOf: Readonly<Record<AlarmColour, string>> = { green: "Green", yellow: "Yellow", red: "Red", grey: "Grey" };
const columns: readonly AlarmName[] = ["readiness", "activity", "age", "time"];

/** How each node's data sets and its clock stand in the ring, in its own words. Nothing where no node has told. */
export function ringAlarmsTable(nodes: readonly NodeStatus[]): Html {
  const telling = nodes.filter(({ report }) => (report?.alarms ?? []).length > 0);
  if (telling.length === 0) return html``;
  return html`<section class="card flush" id="ring-alarms" aria-labelledby="ring-alarms-title"><h2 id="ring-alarms-title">Ring alarms</h2>
    <div class="table-scroll"><table class="rows">
      <thead><tr><th scope="col">Node and data set</th><th scope="col">Ready</th><th scope="col">Synchronises</th><th scope="col">Age of what it shows</th><th scope="col">Clock</th></tr></thead>
      <tbody>${telling.flatMap((node) => rowsOf(node))}</tbody>
    </table></div></section>`;
}

/** One row for each data set, the clock on the first; or one for the clock alone. */
function rowsOf(node: NodeStatus): readonly Html[] {
  const alarms = node.report?.alarms ?? [];
  const dataSets = [...new Set(alarms.flatMap(({ dataSet }) => dataSet ?? []))];
  const rows: readonly (string | null)[] = dataSets.length === 0 ? [null] : dataSets;
  return rows.map((dataSet, index) => {
    const own = alarms.filter((alarm) => alarm.dataSet === dataSet || (index === 0 && alarm.dataSet === null));
    return alarmRow(node, dataSet, own);
  });
}

function alarmRow(node: NodeStatus, dataSet: string | null, alarms: readonly RingAlarm[]): Html {
  const { report } = node;
  const isOld = !isAlive(node) && report !== null;
  return html`<tr>
    <th scope="row" data-label="Node and data set">${node.name}${dataSet === null ? "" : html`<span class="sub">${dataSet}</span>`}${isOld ? html`<span class="sub">as last reported, ${relativeTime(report.at)}</span>` : ""}</th>
    ${columns.map((name) =>
      cell(
        name,
        alarms.find((alarm) => alarm.name === name),
        isOld,
      ),
    )}
  </tr>`;
}

const labels: Readonly<Record<AlarmName, string>> = {
  readiness: "Ready",
  activity: "Synchronises",
  age: "Age of what it shows",
  time: "Clock",
};

/** Of a node that is not there its colours are not today's. */
function cell(name: AlarmName, alarm: RingAlarm | undefined, isOld: boolean): Html {
  if (alarm === undefined) return html`<td data-label="${labels[name]}"><span class="muted">–</span></td>`;
  const colour = isOld ? "grey" : alarm.colour;
  return html`<td data-label="${labels[name]}"><span class="alarm">${toneIcon(toneOf[colour])}${wordOf[colour]}</span>${alarm.reason === "" ? "" : html`<span class="sub">${alarm.reason}</span>`}</td>`;
}
