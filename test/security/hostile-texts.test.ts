import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { AgentError } from "../../agent/agent-error.ts";
import { drillShown, drillTable } from "../../agent/cli/drill-table.ts";
import { failureText } from "../../agent/cli/report-failure.ts";
import { statusTable } from "../../agent/cli/status-table.ts";
import { trustText } from "../../agent/cli/trust.ts";
import type { DrillReport } from "../../agent/drills/drill-report.ts";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { statusPage } from "../../agent/local/status-page.ts";
import { auditCsv } from "../../functions/use-cases/audit-table.ts";
import { availabilityCsv } from "../../functions/use-cases/availability-tables.ts";
import { alertSchema } from "../../shared/protocol/alert-schema.ts";
import { displayNameSchema, hostSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";
import { sampleAlert } from "../functions/notify/sample-alert.ts";
import { hostileTexts } from "./hostile-texts.ts";

const harmless = "Hall";
const node = "node_00000000000000000001" as never;
const since = "2026-11-22T00:00:00.000Z";

const statusOf = (text: string): AgentStatus => ({
  node: { nodeId: node, name: text, role: "node", incarnation: 1, agentVersion: "1.0.0", pid: 1, guardianPid: null, quarantinedForMs: 0 },
  maintenance: { since, reason: text },
  cluster: { clusterId: "clus_00000000000000000001" as never, name: text, documentVersion: 1 },
  groups: [
    { name: text as never, state: text, epoch: 1, holder: node, holderName: text, ineligible: text, reason: text, leaseRemainingMs: null },
  ] as never,
  peers: [{ nodeId: node, name: text, role: "node", reachable: true, detached: false, lastHeardMs: 1, paths: [] }],
  hears: [{ nodeId: node, name: text, isCurrent: true, hears: [] }],
  probes: [{ probe: text, kind: "http", node, nodeName: text, verdict: "ko", stateForMs: 1, lastLookMs: 1, reason: text }] as never,
  checks: [{ name: text, group: text, state: "failed", stateForMs: 1, isWatched: true, detectsWithinMs: 1, lastError: text }] as never,
  certificate: { sha256: text, from: since, until: since, renewsAt: since, next: null, problem: text },
  ring: null,
  alarms: [],
  dataSets: [],
  sharedData: [],
  cloud: { state: "disconnected", since, reason: text },
  outbox: { waiting: 0, trouble: text },
  problems: [text],
});
const drillOf = (text: string): DrillReport =>
  ({
    id: "1",
    startedAt: since,
    group: text,
    way: "health",
    from: node,
    to: node,
    outcome: "failed",
    reason: text,
    steps: [{ what: text, afterMs: 1 }],
    silences: [],
  }) as never;
const alertOf = (text: string) =>
  sampleAlert({
    names: { customer: { id: "cust_00000000000000000001" as never, name: text }, clusterName: text, nodeName: () => text },
    detail: { kind: "service.failed", group: "default" as never, service: "x", reason: text },
  });

/** What it says must be lines of printable text, as many as it says of a harmless one. */
const terminals: Readonly<Record<string, (text: string) => string>> = {
  "understudy agent status": (text) => statusTable(statusOf(text)),
  "understudy agent drill list": (text) => drillTable([drillOf(text)], () => text),
  "understudy agent drill run": (text) => drillShown(drillOf(text), () => text),
  "understudy agent trust show": (text) =>
    trustText({ version: 1, changes: "ask", memory: { since, members: [] }, held: { version: 2, reason: text } }),
  "a command that fails": (text) => failureText(new AgentError("not-running", `It failed: ${printableReason(text)}.`, text)),
};
/** An error's own text may have several lines; what it quotes is one of them. */
const printableReason = (text: string): string => text.replaceAll(/[\n\r]/g, " ");

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const tagsOf = (html: string): readonly string[] => html.replace(/<title>.*?<\/title>/s, "").match(/<[^>]*>/g) ?? [];

describe("hostile texts, through every output that is no page of the console", () => {
  it("are over 500", () => {
    expect(hostileTexts.length).toBeGreaterThanOrEqual(500);
  });

  it.each(Object.entries(terminals).map(([output, show]) => ({ output, show })))(
    "$output: nothing of 500 hostile texts is obeyed",
    ({ output, show }) => {
      const lines = show(harmless).split("\n").length;
      for (const text of hostileTexts) {
        const said = show(output === "a command that fails" ? printableReason(text) : text);
        expect(said.replaceAll("\n", ""), JSON.stringify(text)).not.toMatch(obeyed);
        expect(said.split("\n").length, JSON.stringify(text)).toBe(lines);
      }
    },
  );

  it("the status page on the server: the same tags as with a harmless text", () => {
    const expected = tagsOf(statusPage(statusOf(harmless)));
    for (const text of hostileTexts) expect(tagsOf(statusPage(statusOf(text))), JSON.stringify(text)).toEqual(expected);
  });

  it("alerts: one line of ASCII as subject and SMS, an e-mail with no line more, and a body that keeps its schema", () => {
    const lines = alertOf(harmless).emailText.split("\n").length;
    for (const text of hostileTexts) {
      const alert = alertOf(text);
      expect(alert.subject, JSON.stringify(text)).toMatch(/^[\x20-\x7e]{1,100}$/);
      expect(alert.smsText).toMatch(/^[\x20-\x7e]{1,140}$/);
      expect(alert.emailText.replaceAll("\n", "")).not.toMatch(obeyed);
      expect(alert.emailText.split("\n").length).toBe(lines);
      expect(alertSchema.safeParse(JSON.parse(JSON.stringify(alert.body))).success).toBe(true);
    }
  });

  it.each([
    ["availability", csvOf],
    ["the audit log", auditOf],
  ])("CSV: as many cells as with a harmless text, none of which a spreadsheet takes for a formula: %s", (_table, tableOf) => {
    for (const text of hostileTexts) {
      const [heading = [], row = [], ...more] = cellsOf(tableOf(text));
      expect([row.length, more.length], JSON.stringify(text)).toEqual([heading.length, 0]);
      expect(
        row.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell)),
        JSON.stringify(text),
      ).toEqual([]);
    }
  });

  it("the log: one line of JSON each, in which the text is what it was", () => {
    let written = "";
    const log = pino({ base: null }, { write: (line: string) => void (written = line) });
    for (const text of hostileTexts) {
      log.warn({ reason: text }, text);
      expect(written.indexOf("\n"), JSON.stringify(text)).toBe(written.length - 1);
      // oxlint-disable-next-line no-control-regex
      expect(written.slice(0, -1)).not.toMatch(/[\u0000-\u001f]/);
      expect((JSON.parse(written) as { reason: string }).reason).toBe(text);
    }
  });

  it("names: at the door, no text with markup, a control character, a quotation mark or a backslash is one", () => {
    const taken = hostileTexts.filter((text) => displayNameSchema.safeParse(text).success);
    expect(taken.filter((text) => /[<>"`\\{}$;|=%]/.test(text) || obeyed.test(text))).toEqual([]);
    expect(hostileTexts.filter((text) => slugSchema.safeParse(text).success).toSorted()).toEqual([
      "1e309",
      "constructor",
      "null",
      "undefined",
    ]);
    expect(hostileTexts.filter((text) => hostSchema.safeParse(text).success && /[^\w.:-]/.test(text))).toEqual([]);
  });
});

function csvOf(text: string): string {
  const figures = { observedMs: 1, unplannedMs: 0, plannedMs: 0, unplannedOutages: 0, plannedOutages: 0 };
  const cluster = {
    clusterId: "clus_00000000000000000001",
    name: text,
    groups: [{ group: "default", outages: [], ...figures }],
    nameOf: () => text,
  };
  return availabilityCsv({ customer: { name: text }, month: "2026-11", clusters: [cluster] } as never, "groups");
}

function auditOf(text: string): string {
  const actor = { kind: "person", id: text, name: text, requestId: text } as const;
  const refusal = { route: text, parameters: { group: text }, code: text, message: text, unlisted: 1 };
  const entry = { at: since, actor, action: "request.refused", customerId: null, subject: text, changes: [], refusal } as const;
  return auditCsv([{ ...entry, number: 1, previousSha256: "0", sha256: "1" }]);
}

/** RFC 4180. */
function cellsOf(csv: string): readonly (readonly string[])[] {
  const cells = [...csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/g)];
  const rows: string[][] = [[]];
  for (const [, cell = "", end] of cells) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}
