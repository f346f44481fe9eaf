import type { Probe, Span } from "./probe-record.ts";

/** Shorter than this is no silence: one datagram may be lost, or late on a busy machine, without anybody's fault. */
const silenceUsMin = 10_000;

/**
 * Spans without any answer: from the sending of the first question that got none in time to the arrival of the next answer. A
 * prober that was late itself has sent nothing meanwhile, and adds nothing. A silence that has not ended lasts to the last question.
 */
export function silences(probes: readonly Probe[]): Span[] {
  const answers = probes.flatMap(({ answer }, index) => (answer === null ? [] : [{ index, atUs: answer.atUs }]));
  const found: Span[] = [];
  let next = 0;
  let heardUs = Number.NEGATIVE_INFINITY;
  for (const { index, atUs } of answers.toSorted((one, other) => one.atUs - other.atUs)) {
    const first = probes[next];
    if (first !== undefined) found.push({ fromUs: Math.max(first.sentUs, heardUs), toUs: atUs });
    next = Math.max(next, index + 1);
    heardUs = atUs;
  }
  const [first, last] = [probes[next], probes.at(-1)];
  if (first !== undefined && last !== undefined) found.push({ fromUs: first.sentUs, toUs: last.sentUs });
  return found.filter(({ fromUs, toUs }) => toUs - fromUs >= silenceUsMin);
}

export function longestMs(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map(({ fromUs, toUs }) => toUs - fromUs)) / 1_000;
}

/** Spans in which a machine is known to have answered all the while: from the arrival of an unbroken run's first answer to the sending of its last question. */
export function answeringSpans(probes: readonly Probe[]): Span[] {
  const runs: { fromUs: number; toUs: number }[] = [];
  let broken = true;
  for (const { sentUs, answer } of probes) {
    const run = runs.at(-1);
    if (answer !== null && (broken || run === undefined)) runs.push({ fromUs: answer.atUs, toUs: sentUs });
    else if (answer !== null && run !== undefined) run.toUs = sentUs;
    broken = answer === null;
  }
  return runs.filter(({ fromUs, toUs }) => toUs > fromUs);
}

/** For how long at least two of these machines answered at the same time, in milliseconds; what is found here is certain. */
export function bothMs(machines: readonly (readonly Span[])[]): number {
  const edges = machines
    .flat()
    .flatMap(({ fromUs, toUs }) => [
      { atUs: fromUs, change: 1 },
      { atUs: toUs, change: -1 },
    ])
    .toSorted((one, other) => one.atUs - other.atUs || one.change - other.change);
  let [answering, sinceUs, totalUs] = [0, 0, 0];
  for (const { atUs, change } of edges) {
    if (answering >= 2) totalUs += atUs - sinceUs;
    answering += change;
    sinceUs = atUs;
  }
  return totalUs / 1_000;
}
