import { expect, it } from "vitest";
import type { ToldTimeSource } from "../../../../shared/domain/preflight/preflight-report.ts";
import { judgeTimeSources } from "../../../../shared/domain/preflight/time-source-agreement.ts";

const by = (...sources: readonly string[]): ToldTimeSource => ({ program: "chrony", isSynchronised: true, sources });
const loose: ToldTimeSource = { program: "chrony", isSynchronised: false, sources: ["192.0.2.1"] };
const service = (...sources: readonly string[]): ToldTimeSource => ({ program: "systemd's time service", isSynchronised: true, sources });

it.each<readonly [string, readonly (ToldTimeSource | null)[], "ok" | "warn", string]>([
  ["nobody has told", [null, null], "ok", "no node has told yet"],
  ["the same source", [by("192.0.2.1"), by("192.0.2.1")], "ok", "synchronised by chrony: a, b"],
  [
    "one source in common, under two programs",
    [by("192.0.2.1", "192.0.2.2"), service("ntp", "192.0.2.2")],
    "ok",
    "synchronised by chrony: a; synchronised by systemd's time service: b",
  ],
  [
    "nothing in common",
    [by("192.0.2.1"), by("192.0.2.9"), by("192.0.2.1")],
    "warn",
    "no time source in common: a by 192.0.2.1; b by 192.0.2.9; c by 192.0.2.1",
  ],
  ["one is not synchronised", [by("192.0.2.1"), loose], "warn", "synchronised by chrony: a; not synchronised: b"],
  ["one has not told", [by("192.0.2.1"), null], "ok", "synchronised by chrony: a"],
  ["none is", [loose, loose], "ok", "alike: no node's clock is synchronised"],
  [
    "one does not say from whom",
    [by("192.0.2.1"), service()],
    "ok",
    "synchronised by chrony: a; synchronised by systemd's time service: b",
  ],
])("%s", (_situation, told, outcome, seen) => {
  const nodes = told.map((timeSource, index) => ({ name: "abc"[index] ?? "", timeSource }));
  expect(judgeTimeSources(nodes)).toEqual([{ outcome, seen }]);
});
