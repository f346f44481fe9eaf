import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exitCodeHelp } from "../../../agent/cli/exit-code-help.ts";
import { settingsTable } from "../../../agent/config/settings-table.ts";
import { clusterPreflightTable, preflightTable } from "../../../shared/domain/preflight/preflight-table.ts";

/** The formatter pads tables: only the cells count. */
function cells(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}

const readme = cells(readFileSync(join(import.meta.dirname, "../../../agent/README.md"), "utf8"));

describe("agent/README.md", () => {
  it("has the settings as the schema has them", () => {
    expect(readme).toContain(cells(settingsTable()));
  });

  it("has the preflight checks as they are, those of the cluster too", () => {
    expect(readme).toContain(cells(preflightTable()));
    expect(readme).toContain(cells(clusterPreflightTable()));
  });

  it("has the exit codes as the commands give them", () => {
    expect(readme).toContain(cells(exitCodeHelp().trim()));
  });
});
