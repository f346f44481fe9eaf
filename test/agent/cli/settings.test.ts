import { expect, it } from "vitest";
import { settingsText } from "../../../agent/cli/settings.ts";
import { clusterSettings } from "../../../shared/config/cluster-settings.ts";

const node = [{ path: "page.port", byDefault: "needed", range: "1 to 65535", advice: "TCP port." }];

it("each setting with its range, its default, what is in force, and the advice below", () => {
  const cluster = [{ ...clusterSettings.stableForMs, now: ["default: 300000", "web: 60000"] }];
  expect(settingsText(node, cluster, true)).toBe(
    [
      "Of this node's file:",
      "",
      "page.port: 1 to 65535; needed",
      "  TCP port.",
      "",
      "Of the cluster document:",
      "",
      "groups.NAME.failback.stableForMs: 1000 to 86400000 ms",
      "  now default: 300000, web: 60000",
      `  ${clusterSettings.stableForMs.advice}`,
      "",
    ].join("\n"),
  );
});

it("a server without a cluster document says so, and nothing that comes from elsewhere reaches the terminal", () => {
  const text = settingsText([], [{ ...clusterSettings.dataSetKind, now: ["\u001b[2J: sqlite"] }], false);
  expect(text).toContain("this server has none yet");
  expect(text).toContain("\\u001b[2J: sqlite");
});
