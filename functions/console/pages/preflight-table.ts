import { html } from "hono/html";
import type { Observation } from "../../../shared/domain/monitoring/observation.ts";
import {
  type ClusterPreflight,
  clusterPreflight,
  type NodePreflight,
  nextStepOf,
} from "../../../shared/domain/preflight/cluster-preflight.ts";
import type { PreflightOutcome } from "../../../shared/domain/preflight/preflight-check.ts";
import type { PreflightReport } from "../../../shared/domain/preflight/preflight-report.ts";
import { type Tone, toneIcon } from "./icons.ts";
import type { Html } from "./markup.ts";
import { relativeTime } from "./moment.ts";

const toneOf: Readonly<Record<PreflightOutcome, Tone>> = { ok: "ok", warn: "warn", fail: "bad" };
const wordOf: Readonly<Record<PreflightOutcome, string>> = { ok: "Well", warn: "Warning", fail: "Failed" };

/** What each node has found at its own server, and what shows beside the others. Nothing where no node has told. */
export function preflightTable({ document, reports }: Observation): Html {
  const found = clusterPreflight(document, reports);
  if (found.nodes.every(({ report }) => report === null)) return html``;
  return html`<section class="card flush" id="preflight" aria-labelledby="preflight-title"><h2 id="preflight-title">Checks of the servers</h2>
    <div class="table-scroll"><table class="rows">
      <thead><tr><th scope="col">Node</th><th scope="col">Outcome</th><th scope="col">Check</th><th scope="col">Seen</th><th scope="col">Next step</th></tr></thead>
      <tbody>${found.nodes.flatMap(rowsOfNode)}${rowsOfCluster(found)}</tbody>
    </table></div></section>`;
}

function rowsOfNode({ name, report }: NodePreflight): readonly Html[] {
  if (report === null) return [row(html`${name}`, html`<span class="muted">not told yet</span>`, "", "", "")];
  const who = html`${name}<span class="sub">looked at ${relativeTime(report.at)}</span>${despiteOf(report)}`;
  const well = row(who, outcomeCell("ok"), `${report.ok} of ${report.ok + report.findings.length + report.leftOut}`, "", "");
  const more =
    report.leftOut === 0
      ? []
      : [row(html`${name}`, html``, `${report.leftOut} more`, "", "understudy agent preflight on that node tells them.")];
  return [
    well,
    ...report.findings.map(({ id, outcome, subject, seen }) =>
      row(html`${name}`, outcomeCell(outcome), checkOf(id, subject), seen, nextStepOf(id)),
    ),
    ...more,
  ];
}

function despiteOf({ despite = [] }: PreflightReport): Html {
  return despite.length === 0 ? html`` : html`<span class="sub words-warn">joined although these had failed: ${despite.join(", ")}</span>`;
}

function rowsOfCluster({ cluster }: ClusterPreflight): readonly Html[] {
  return cluster.flatMap(({ id, outcome, subject, seen, nextStep }) =>
    outcome === "ok" ? [] : [row(html`All nodes`, outcomeCell(outcome), checkOf(id, subject), seen, nextStep ?? "")],
  );
}

function checkOf(id: string, subject: string | undefined): string {
  return subject === undefined ? id : `${id}: ${subject}`;
}

function outcomeCell(outcome: PreflightOutcome): Html {
  return html`<span class="alarm">${toneIcon(toneOf[outcome])}${wordOf[outcome]}</span>`;
}

function row(who: Html, outcome: Html, check: string, seen: string, nextStep: string): Html {
  return html`<tr><th scope="row" data-label="Node">${who}</th><td data-label="Outcome">${outcome}</td><td data-label="Check">${check}</td>
    <td data-label="Seen">${seen}</td><td data-label="Next step">${nextStep}</td></tr>`;
}
