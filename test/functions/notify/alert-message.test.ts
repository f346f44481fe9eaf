import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { alertSchema } from "../../../shared/protocol/alert-schema.ts";
import { sampleAlert, takeover } from "./sample-alert.ts";

describe("alert message", () => {
  it("a takeover: subject, SMS and sentence say who took over what from whom, and why", () => {
    const alert = sampleAlert();
    expect(alert.subject).toBe("CRITICAL Front desk: node-b took over group default: node-a silent for 480 ms, 2 of 3 votes");
    expect(alert.smsText).toBe(alert.subject);
    expect(alert.body.sentence).toBe("node-b took over group default: node-a silent for 480 ms, 2 of 3 votes");
    expect(alert.attributes).toEqual({
      customer: "cust_00000000000000000001",
      cluster: "clus_00000000000000000001",
      severity: "critical",
      kind: "group.takeover",
      phase: "opened",
    });
    expect(alert.emailText).toContain("Customer:    Hotel Adler\n");
    expect(alert.emailText).toContain("When:        2026-11-21T10:02:03.120Z\n");
  });

  it("the JSON body: the published schema, golden", () => {
    const { body } = sampleAlert();
    expect(alertSchema.parse(JSON.parse(JSON.stringify(body)))).toEqual(body);
    expect(body).toEqual({
      schema: "understudy.alert/1",
      alertId: "clus/default/7/group.takeover",
      customer: { id: "cust_00000000000000000001", name: "Hotel Adler" },
      cluster: { id: "clus_00000000000000000001", name: "Front desk" },
      reporter: { id: "node_0000000000000000000b", name: "node-b" },
      kind: "group.takeover",
      severity: "critical",
      at: "2026-11-21T10:02:03.120Z",
      sentence: "node-b took over group default: node-a silent for 480 ms, 2 of 3 votes",
      detail: takeover,
      incident: {
        number: 3,
        phase: "opened",
        openedAt: "2026-11-21T10:02:03.120Z",
        closedAt: null,
        facts: [
          {
            kind: "group.takeover",
            severity: "critical",
            at: "2026-11-21T10:02:03.120Z",
            sentence: "node-b took over group default: node-a silent for 480 ms, 2 of 3 votes",
            times: 1,
            isNew: true,
            isOver: false,
          },
        ],
        swallowed: [],
        lateMs: null,
      },
    });
  });

  it("line breaks and control characters in a name: no mail header or SMS line can be added", () => {
    const { subject, smsText, emailText } = sampleAlert({ names: { clusterName: "Front\r\nBcc: all@example.com\u0000\u202e\u2028desk" } });
    expect(subject).toMatch(/^CRITICAL Front Bcc: all@example\.com desk: node-b/);
    expect(smsText).toMatch(/^CRITICAL Front Bcc: all@example\.com desk: node-b/);
    expect(emailText.split("\n").some((line) => line.startsWith("Bcc:"))).toBe(false);
  });

  it("names beyond ASCII: accents fall away in subject and SMS, and stay in the e-mail and the body", () => {
    const alert = sampleAlert({ names: { clusterName: "Café Straße 東京" } });
    expect(alert.subject).toMatch(/^CRITICAL Cafe Strasse \?\?: node-b/);
    expect(alert.body.cluster.name).toBe("Café Straße 東京");
    expect(alert.emailText).toContain("Cluster:     Café Straße 東京");
  });

  it("a name of nothing visible: the id stands in", () => {
    expect(sampleAlert({ names: { clusterName: " \u200b\n" } }).body.cluster.name).toBe("clus_00000000000000000001");
  });

  it("any names and reasons: every form keeps its bounds and the body its schema", () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom("a", "é", "\n", "\ud83d"), fc.string({ unit: "binary", maxLength: 1 })),
      maxLength: 400,
      size: "max",
    });
    fc.assert(
      fc.property(text, text, text, (clusterName, nodeName, reason) => {
        const detail: EventDetail = { kind: "group.safe-halt", group: "default" as GroupName, epoch: 1, reason };
        const alert = sampleAlert({ detail, names: { clusterName, nodeName: () => nodeName } });
        expect(alert.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
        expect(alert.smsText).toMatch(/^[\x20-\x7e]{1,140}$/);
        expect(alert.emailText).toMatch(/^[^\p{Cs}\r]*$/u);
        expect(alert.body.sentence.length).toBeLessThanOrEqual(1_000);
        alertSchema.parse(alert.body);
      }),
      { numRuns: 200 },
    );
  });
});
