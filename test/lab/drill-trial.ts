import type { DrillReport } from "../../agent/drills/drill-report.ts";
import { waitFor } from "../demo/waiting.ts";
import { type Cast, type LabSite, nowUs } from "./lab-site.ts";
import type { Figure, Trial } from "./trial.ts";

const endsWithinMs = 20_000;
/** What the client hears late of the new holder, on a busy machine. */
const differsMsMax = 100;

/** The holder's agent is asked for a drill, and its report is held against what the client saw. */
export class DrillTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];

  async before(): Promise<void> {}

  async during(site: LabSite, { holder }: Cast, struckUs: number): Promise<void> {
    await holder.drill();
    const report = await waitFor("the end of the drill", endsWithinMs, async () => {
      const [newest] = await holder.drills();
      return newest?.outcome === "running" ? undefined : newest;
    });
    const sawMs = site.silenceMs({ fromUs: struckUs, toUs: nowUs() });
    this.problems.push(...problemsOf(report, sawMs));
    for (const { atLeastMs, atMostMs } of report.silences) {
      this.figures.push({ what: "silent by the report at least", value: atLeastMs, unit: "ms" });
      this.figures.push({ what: "and at most", value: atMostMs, unit: "ms" });
    }
    this.figures.push({ what: "silent as the client saw it", value: sawMs, unit: "ms" });
  }

  async after(): Promise<void> {}

  async end(): Promise<void> {}
}

function problemsOf({ outcome, reason, silences }: DrillReport, sawMs: number): string[] {
  if (outcome !== "completed") return [`the drill failed: ${reason}`];
  const [silence] = silences;
  if (silence === undefined) return ["the drill's report tells of no address"];
  const { atLeastMs, atMostMs } = silence;
  if (sawMs >= atLeastMs - differsMsMax && sawMs <= atMostMs + differsMsMax) return [];
  return [`the drill tells of ${atLeastMs.toFixed(0)} to ${atMostMs.toFixed(0)} ms of silence, and the client saw ${sawMs.toFixed(0)}`];
}
