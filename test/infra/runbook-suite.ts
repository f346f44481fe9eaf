import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Synthesized } from "./synthesized.ts";

const runbook = readFileSync(resolve(import.meta.dirname, "../../infra/RUNBOOK.md"), "utf8");
const sections = new Map(
  [...runbook.matchAll(/^## (\S+)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(([, name = "", text = ""]) => [name, text.trim()]),
);

export function describeRunbook(synthesized: Synthesized): void {
  describe("infra: runbook", () => {
    const alarms = synthesized
      .resources("AWS::CloudWatch::Alarm")
      .map(
        ({ Properties }) => Properties as { AlarmName: string; AlarmDescription: string; AlarmActions: unknown[]; OKActions: unknown[] },
      );

    it("every alarm has its section, and every section its alarm", () => {
      expect(alarms.map(({ AlarmName }) => AlarmName.slice("understudy-prod-".length)).toSorted()).toEqual([...sections.keys()].toSorted());
      for (const [name, text] of sections) expect(text.length, name).toBeGreaterThan(80);
    });

    it("every alarm names its section, and tells people when it begins and when it ends", () => {
      for (const { AlarmName, AlarmDescription, AlarmActions, OKActions } of alarms) {
        expect(AlarmDescription).toMatch(new RegExp(`See infra/RUNBOOK.md, ${AlarmName.slice("understudy-prod-".length)}\\.$`));
        expect([AlarmActions.length, OKActions.length]).toEqual([1, 1]);
      }
    });

    it("the dashboard shows each", () => {
      const [dashboard] = synthesized.resources("AWS::CloudWatch::Dashboard");
      const body = JSON.stringify(dashboard?.Properties["DashboardBody"]);
      for (const name of sections.keys()) expect(body).toContain(name);
    });
  });
}
