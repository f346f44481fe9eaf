import { z } from "zod";
import { reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import { type DrillReport, drillReportSchema, drillReportsMax } from "./drill-report.ts";

const reportsSchema = z.array(drillReportSchema).max(drillReportsMax);

/** The reports of this node's drills, kept over restarts. */
export class DrillBook {
  readonly #path: string;
  #reports: readonly DrillReport[];

  private constructor(path: string, reports: readonly DrillReport[]) {
    this.#path = path;
    this.#reports = reports;
  }

  /** A file that is damaged is told and begun anew: it is evidence for people, and nothing depends on it. */
  static async open(path: string, onTrouble: (reason: string) => void): Promise<DrillBook> {
    try {
      const text = await readIfPresent(path);
      return new DrillBook(path, text === null ? [] : reportsSchema.parse(JSON.parse(text)));
    } catch (error) {
      onTrouble(`the reports of earlier drills cannot be read and are begun anew: ${path}: ${reasonOf(error)}`);
      return new DrillBook(path, []);
    }
  }

  /** Newest first. */
  get reports(): readonly DrillReport[] {
    return this.#reports;
  }

  /** Durable when this resolves; it replaces an earlier one of the same drill. Rejects with the system's error, and then nothing has changed. */
  async put(report: DrillReport): Promise<void> {
    const others = this.#reports.filter(({ id }) => id !== report.id);
    const reports = [report, ...others].slice(0, drillReportsMax);
    await writeDurably(this.#path, `${JSON.stringify(reports)}\n`);
    this.#reports = reports;
  }
}
