import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { LicensedSite } from "./licensed-site.ts";
import { situations, worded } from "./situations.ts";

const root = resolve(import.meta.dirname, "../../..");
const path = resolve(root, "functions/LICENCES.md");

interface Row {
  readonly situation: string;
  readonly asked: string;
  readonly operates: boolean | null;
  readonly joins: string;
  readonly configures: string;
  readonly told: readonly string[];
}

let plane: ControlPlane;
const rows: Row[] = [];
beforeAll(async () => {
  plane = await startControlPlane();
  const begin = plane.clock.nowMs;
  for (const { name, arrange, empty } of situations) {
    plane.clock.nowMs = begin;
    const site = await LicensedSite.open(plane);
    const asked = (await arrange(site, plane)) ?? "";
    const told = await site.told();
    if (empty !== true) await site.operate();
    const configures = await site.configures();
    const joins = await site.joinsAnother();
    if (empty !== true) await site.operate();
    rows.push({ situation: name, asked, operates: empty === true ? null : true, joins, configures, told });
  }
}, 120_000);
afterAll(() => plane.close());

const begins = "<!-- licences: begin -->";
const ends = "<!-- licences: end -->";

/** The dates are those of the day on which the test ran. */
function undated(sentence: string): string {
  return sentence.replaceAll(/\d{4}-\d\d-\d\d/g, "DAY").replaceAll(/lic_[0-9a-z]{20}/g, "ID");
}

function told(sentences: readonly string[]): string {
  if (sentences.length === 0) return "nothing";
  const kept = sentences.map(undated);
  return kept.length <= 2 ? kept.join(" — ") : `${kept.length} times, the last: ${kept.at(-1)}`;
}

function tableOf(): string {
  const head = [
    "situation",
    "what runs",
    "another node joins",
    "groups and data sets can be changed",
    "the act itself",
    "what subscribers were told by then",
  ];
  const cells = rows.map((row) => [
    row.situation,
    row.operates === null ? "nothing yet" : "goes on",
    worded(row.joins),
    worded(row.configures),
    row.asked,
    told(row.told),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

const rowOf = (situation: string): Row => {
  const row = rows.find((one) => one.situation === situation);
  if (row === undefined) throw new Error(`there is no situation ${situation}`);
  return row;
};

describe("licences: what follows from each situation", () => {
  it("nothing operational ever stops: every running cluster of every situation was operated before and after it asked for more", () => {
    expect(rows.filter(({ operates }) => operates === null).map(({ situation }) => situation)).toEqual(["no licence, no trial"]);
  });

  it("no part of the agent that runs anything knows a licence", () => {
    const files = execFileSync("git", ["ls-files", "--cached", "agent/*.ts"], { cwd: root, encoding: "utf8" }).split("\n");
    const knowing = files.filter(
      (file) => file !== "" && /from ".*(domain\/licensing|licence-schema)/.test(readFileSync(resolve(root, file), "utf8")),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(knowing.filter((file) => !/^agent\/(cli|licence)\/licence/.test(file))).toEqual([]);
  });

  it("a trial's last week and its whole grace are told day by day, then its lapse", () => {
    expect(rowOf("trial, its last week").told).toHaveLength(7);
    expect(rowOf("trial over, grace over").told).toHaveLength(7 + 30 + 1);
  });

  it("a year's licence warns five times, and not at all where it is followed by another", () => {
    expect(rowOf("a year's licence, its last 60 days").told.map((sentence) => /ends in (\d+) days?/.exec(sentence)?.[1])).toEqual([
      "60",
      "30",
      "14",
      "7",
      "1",
    ]);
    expect(rowOf("the same, with the next year's bought").told).toEqual([]);
  });

  // UPDATE_LICENCES=1 has the table written anew: read the difference.
  it("LICENCES.md shows the table as it is", () => {
    const document = readFileSync(path, "utf8");
    const [before, rest = ""] = document.split(begins);
    const now = `${before}${begins}\n\n${tableOf()}\n\n${ends}${rest.split(ends)[1] ?? ""}`;
    if (process.env["UPDATE_LICENCES"] === "1") writeFileSync(path, now);
    else expect(document).toBe(now);
  });
});
