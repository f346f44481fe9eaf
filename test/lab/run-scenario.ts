import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../../agent/agent-error.ts";
import type { ClusterEvent, EventKind } from "../../shared/domain/monitoring/cluster-event.ts";
import { waitFor } from "../demo/waiting.ts";
import { neverTwo } from "../never-two.ts";
import { type Cast, type LabSite, nowUs } from "./lab-site.ts";
import type { Scenario } from "./scenario.ts";
import { StateTrace } from "./state-trace.ts";
import { recordProblems } from "./takeover-record.ts";
import type { Figure, Trial } from "./trial.ts";

/** What one scenario has shown. Times in milliseconds. */
export interface ScenarioResult {
  readonly scenario: string;
  /** Every expectation that was not met, in a sentence; none: passed. */
  readonly problems: readonly string[];
  readonly holderBefore: string;
  /** Who answered the client shortly before the heal; null for nobody. */
  readonly holderDuring: string | null;
  readonly holderAfter: string;
  readonly silenceMs: number;
  readonly silenceAfterHealMs: number;
  /** How many of the client's questions got no answer, from the fault to the recovery. */
  readonly unanswered: number;
  /** For how long two hosts answered for the address at once, from the fault to the recovery and the end of what users did then. */
  readonly bothAnswerMs: number;
  /** As much of that as came after the heal. */
  readonly bothAnswerAfterHealMs: number;
  /** Kinds of events that reached the control plane, oldest first. */
  readonly told: readonly EventKind[];
  /** From the heal to a healthy cluster. */
  readonly recoveredMs: number;
  /** What the application's users have found; none where there is none. */
  readonly figures: readonly Figure[];
  /** Where there are problems: every change of what the agents said of the group, from before the fault on. */
  readonly trace: readonly string[];
}

type Measured = Omit<ScenarioResult, "problems" | "trace">;

/** Lets others that share the lab keep step: each is waited for. */
export interface ScenarioPace {
  /** Between a healthy cluster and the fault. */
  beforeStrike(): Promise<void>;
  /** Between what follows and the heal. */
  beforeHeal(): Promise<void>;
}

const healthyWithinMs = 30_000;
const followsWithinMs = 10_000;
const watchedMsUsually = 1_000;
const toldWithinMs = 15_000;
/** Newer than this, an answer says who answers now. On a busy machine the lab hears of an answer by a part of that later. */
const freshMs = 300;

/** Strikes a healthy cluster, waits for what follows, heals, waits for the recovery, and compares all of it with what the scenario expects. */
export async function runScenario(site: LabSite, scenario: Scenario, pace?: ScenarioPace): Promise<ScenarioResult> {
  const trial = scenario.trial?.();
  const fromUs = nowUs();
  try {
    return await run(site, scenario, pace, trial);
  } catch (error) {
    // Whatever else goes wrong may go well at a second try. This must not be hidden behind it.
    const bothAnswerMs = site.watchPost.bothAnswerMs({ fromUs, toUs: nowUs() });
    if (scenario.expects.bothAnswer !== undefined || bothAnswerMs === 0) throw error;
    throw new Error(`${twoAnswered(bothAnswerMs)}; then: ${reasonOf(error)}`, { cause: error });
  } finally {
    await trial?.end();
  }
}

async function run(site: LabSite, scenario: Scenario, pace?: ScenarioPace, trial?: Trial): Promise<ScenarioResult> {
  await scenario.prepare?.(site, await site.healthy(healthyWithinMs));
  const cast = await site.healthy(healthyWithinMs);
  await trial?.before(site, cast);
  const known = new Set((await site.events()).map(({ eventId }) => eventId));
  await pace?.beforeStrike();
  // On a machine whose processors others have it may have moved while the scenario was prepared: what would follow now says nothing.
  const holderNow = site.whoAnswers(freshMs) ?? cast.holder.name;
  if (holderNow !== cast.holder.name) throw new Error(`${holderNow} answers the client before the fault, and ${cast.holder.name} should`);
  const struckUs = nowUs();
  site.forgetBefore(struckUs - 1_000_000);
  using trace = new StateTrace(site.witness === null ? site.hosts : [...site.hosts, site.witness]);
  const heal = await scenario.strike(site, cast);
  const [followed] = await Promise.all([follows(site, scenario, cast), trial?.during(site, cast, struckUs)]);
  await sleep(scenario.watchedMs ?? watchedMsUsually);
  await pace?.beforeHeal();
  const holderDuring = site.whoAnswers(freshMs) ?? null;
  const said = await unsaid(scenario, cast);
  const healedUs = nowUs();
  await heal();
  const after = await site.healthy(healthyWithinMs);
  const recoveredUs = nowUs();
  await trial?.after(site, after);
  for (const host of site.hosts) await host.readmit();
  const events = await eventsSince(site, known, scenario.expects.told);
  const [during, afterHeal] = [
    { fromUs: struckUs, toUs: healedUs },
    { fromUs: healedUs, toUs: recoveredUs },
  ];
  const measured = {
    scenario: scenario.name,
    holderBefore: cast.holder.name,
    holderDuring,
    holderAfter: after.holder.name,
    silenceMs: site.silenceMs(during),
    silenceAfterHealMs: site.silenceMs(afterHeal),
    unanswered: site.unanswered({ fromUs: struckUs, toUs: recoveredUs }),
    bothAnswerMs: site.watchPost.bothAnswerMs({ fromUs: struckUs, toUs: nowUs() }),
    bothAnswerAfterHealMs: site.watchPost.bothAnswerMs({ fromUs: healedUs, toUs: nowUs() }),
    told: events.map(({ detail: { kind } }) => kind),
    recoveredMs: (recoveredUs - healedUs) / 1_000,
    figures: trial?.figures ?? [],
  };
  const records = recordProblems(events, scenario.expects.silenceIsRecorded === true ? measured.silenceMs : null);
  const untold = untoldOf(scenario, events);
  const problems = [...followed, ...said, ...unmet(scenario, measured), ...untold, ...records, ...(trial?.problems ?? [])];
  return { ...measured, problems, trace: problems.length === 0 ? [] : trace.lines };
}

async function follows(site: LabSite, { expects }: Scenario, { holder }: Cast): Promise<string[]> {
  const isAsExpected = (): boolean => {
    const name = site.whoAnswers(freshMs);
    if (expects.holder === "anyone") return true;
    if (expects.holder === "nobody") return name === undefined;
    return name !== undefined && (name === holder.name) === (expects.holder === "the same");
  };
  try {
    await waitFor("", followsWithinMs, () => (isAsExpected() ? true : undefined), 10);
    return [];
  } catch {
    return [`${site.whoAnswers(freshMs) ?? "nobody"} answers the client ${followsWithinMs / 1_000} s after the fault`];
  }
}

/** What whoever should say something of the group says otherwise. */
async function unsaid({ expects: { says } }: Scenario, { holder, standbys }: Cast): Promise<string[]> {
  if (says === undefined) return [];
  const { who, state, reason = "" } = says;
  const lines = (who === "holder" ? [holder] : standbys).map(async (host) => {
    const [group] = (await host.status()).groups;
    return group?.state === state && group.reason.includes(reason)
      ? []
      : [`${host.name} says ${group?.state ?? "nothing"} (${group?.reason}), and should ${state} (${reason})`];
  });
  return (await Promise.all(lines)).flat();
}

/** The events told since, oldest first; where a kind that is expected does not come, what is there after the wait. */
async function eventsSince(site: LabSite, known: ReadonlySet<string>, expected: readonly EventKind[]): Promise<ClusterEvent[]> {
  const untilMs = performance.now() + toldWithinMs;
  for (;;) {
    const events = (await site.events()).filter(({ eventId }) => !known.has(eventId)).toReversed();
    const isTold = expected.every((kind) => events.some(({ detail }) => detail.kind === kind));
    if (isTold || performance.now() > untilMs) return events;
    await sleep(100);
  }
}

/** What no event says of what one should. */
function untoldOf({ expects: { tells } }: Scenario, events: readonly ClusterEvent[]): string[] {
  if (tells === undefined) return [];
  const isTold = events.some(({ detail }) => Object.entries(tells).every(([key, value]) => Reflect.get(detail, key) === value));
  return isTold ? [] : [`nobody told ${JSON.stringify(tells)}`];
}

function twoAnswered(ms: number): string {
  return `${neverTwo}: two hosts answered at once for ${ms.toFixed(0)} ms`;
}

/** Two that answered at once where none, or not for so long, may: the one thing that no second try makes good. */
function bothProblems({ expects: { bothAnswer } }: Scenario, { bothAnswerMs, bothAnswerAfterHealMs }: Measured): string[] {
  if (bothAnswer === undefined) return bothAnswerMs > 0 ? [twoAnswered(bothAnswerMs)] : [];
  const { atLeastMs, afterHealMsMax } = bothAnswer;
  const tooLong = bothAnswerAfterHealMs > afterHealMsMax ? [`${twoAnswered(bothAnswerAfterHealMs)} after the heal`] : [];
  if (bothAnswerMs - bothAnswerAfterHealMs >= atLeastMs) return tooLong;
  return [
    ...tooLong,
    `two hosts answered at once for ${bothAnswerMs.toFixed(0)} ms alone, and should for ${atLeastMs} while the fault lasted`,
  ];
}

function unmet(scenario: Scenario, result: Measured): string[] {
  const { expects } = scenario;
  const { holderBefore, holderDuring, holderAfter, silenceMs, silenceAfterHealMs, unanswered, told } = result;
  const problems = bothProblems(scenario, result);
  const during = holderDuring === null ? "nobody" : holderDuring === holderBefore ? "the same" : "another";
  if (expects.holder !== "anyone" && during !== expects.holder)
    problems.push(`before the heal ${holderDuring ?? "nobody"} answered, and ${expects.holder} should`);
  const after = holderAfter === holderBefore ? "the same" : "another";
  if (expects.holderAfter !== undefined && after !== expects.holderAfter)
    problems.push(`when all was well again ${holderAfter} held the group, and ${expects.holderAfter} should`);
  if (expects.holder !== "nobody" && silenceMs > expects.silenceMsMax)
    problems.push(`the client heard nothing for ${silenceMs.toFixed(0)} ms, ${expects.silenceMsMax} at most expected`);
  if (silenceAfterHealMs > expects.silenceAfterHealMsMax)
    problems.push(
      `after the heal the client heard nothing for ${silenceAfterHealMs.toFixed(0)} ms, ${expects.silenceAfterHealMsMax} at most expected`,
    );
  if (expects.everythingIsAnswered === true && unanswered > 0)
    problems.push(`${unanswered} of the client's questions got no answer, and each should`);
  for (const kind of expects.told) if (!told.includes(kind)) problems.push(`nobody told ${kind}`);
  if (told.includes("event.refused")) problems.push("the control plane could not take in what a node told");
  if (expects.holder === "the same" && expects.bothAnswer === undefined)
    for (const kind of ["group.takeover", "group.stepped-down"] as const)
      if (told.includes(kind)) problems.push(`${kind} was told, and nothing should have moved`);
  return problems;
}
