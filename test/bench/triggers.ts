import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { BellCluster, type Moment } from "../agent/processes/bell-cluster.ts";
import type { BellVerdict } from "../agent/processes/bell-verdict.ts";
import { interruption, unlessInterrupted } from "../lab/unless-interrupted.ts";
import { parseCall } from "../parse-call.ts";

interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly minutes: number;
  readonly json?: string;
}

interface Result extends BellVerdict {
  readonly rounds: number;
  readonly seed: number;
  readonly struck: Readonly<Record<string, number>>;
}

const everySeconds = 2;
/** So long the receiver takes over its answer: long enough that some servers die over it. */
const answerAfterMsMax = 40;
const settleMs = 60_000;

const program = new Command("npm run bench:triggers --")
  .description(
    `A schedule while its server dies: three agents, a schedule of every ${everySeconds} seconds that sends a request to a receiver, and in each round the server that holds its group loses its power (SIGKILL of all its processes) at a moment chosen by chance: shortly before the time, after it, when the request has come and was not answered, or after that. Another one takes over; the dead one is started again.

missed: times of the schedule that never came to the receiver. doubled: ids that came more than once, and by how many requests too many. not told: requests that a node's log does not have under the server that sent them. Where one of missed, not told, not done or different logs is not 0, the exit code is 1, as when the bench cannot run on; 2 for a wrong call.`,
  )
  .option("--rounds <count>", "so many servers die", wholeNumber(), 200)
  .option("--seed <number>", "of the moments", wholeNumber(), 1)
  .option("--minutes <count>", "begin no round after so many, and tell of those that were", wholeNumber(), 60)
  .option("--json <file>", "write the result there, with every id");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main({ json, ...options }: Options): Promise<number> {
  const interrupted = interruption();
  const bells = await BellCluster.create({ everySeconds });
  try {
    const result = await unlessInterrupted(strikeAll(bells, options), interrupted);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
    console.log(shown(result));
    return [result.missed, result.untold, result.notDone, result.differing].every(({ length }) => length === 0) ? 0 : 1;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await bells.end();
  }
}

async function strikeAll(bells: BellCluster, { rounds, seed, minutes }: Omit<Options, "json">): Promise<Result> {
  const random = new SeededRandom(seed, "triggers");
  const struck: Record<string, number> = {};
  const untilMs = performance.now() + minutes * 60_000;
  await bells.start();
  let done = 0;
  for (; done < rounds && performance.now() < untilMs; done += 1) {
    const [name, moment] = chosenMoment(random);
    bells.receiver.answerAfterMs = random.between(0, answerAfterMsMax);
    const startedMs = performance.now();
    const gone = await bells.strike(moment);
    await bells.comeBack(gone);
    struck[name] = (struck[name] ?? 0) + 1;
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.error(`round ${done + 1} of ${rounds}: ${gone} died ${name} (${moment.ms} ms after it was ${moment.after}); ${seconds} s`);
  }
  return { rounds: done, seed, struck, ...(await bells.verdict(settleMs)) };
}

function chosenMoment(random: SeededRandom): readonly [string, Moment] {
  const choices = [
    ["before its time", { after: "due", ms: -random.between(0, 100) }],
    ["about its time", { after: "due", ms: random.between(0, 30) }],
    ["with the request come and not answered", { after: "heard", ms: 0 }],
    ["while it was answered and noted", { after: "heard", ms: random.between(1, 80) }],
  ] as const;
  return random.pick(choices);
}

function shown({ rounds, scheduled, missed, doubled, tooMany, untold, notDone, differing, servers, struck }: Result): string {
  const figures = [
    ["servers that died", rounds],
    ...Object.entries(struck).map(([name, count]) => [`  ${name}`, count]),
    ["times of the schedule", scheduled],
    ["missed", missed.length],
    ["doubled ids", doubled.length],
    ["  requests too many", tooMany],
    ["not told in some log", untold.length],
    ["not done by some log", notDone.length],
    ["nodes whose log differs", differing.length],
    ...Object.entries(servers).map(([name, count]) => [`attempts of ${name}`, count]),
  ];
  return table(
    ["what", "count"],
    figures.map((cells) => cells.map(String)),
  );
}
