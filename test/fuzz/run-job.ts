import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { corpusOf } from "./corpus.ts";
import type { Finding, FindingKind, FuzzJob, FuzzJobResult } from "./fuzz-job.ts";
import type { FuzzTarget, Outcome } from "./fuzz-target.ts";
import { leastInput } from "./least-input.ts";
import { type Material, materialOf, nextInput } from "./mutation.ts";
import { usualWords } from "./words.ts";

/** Nothing that a target reads may keep a thread for longer, however it is made; the least of three counts, since others want the processor too. */
const slowMs = 150;
/** What a job may leave behind once the heap is tidied up: the runtime itself keeps compiled expressions, and readers a bounded number of names, each perhaps with the whole input that it was cut out of. */
const growthBytesMax = 64 * 1_024 * 1_024;
const warmUpShare = 0.2;
/** Less says nothing of what is left behind. */
const watchedExecutionsMin = 1_000;

/** `begins`: told the number of each execution before it, so that one that never ends can be named by somebody else. */
export async function runJob(target: FuzzTarget, job: FuzzJob, begins: (execution: number) => void): Promise<FuzzJobResult> {
  const began = process.threadCpuUsage();
  const kept = corpusOf(target.name);
  let executions = 0;
  let accepted = 0;
  const found = (finding: Finding | null): FuzzJobResult => ({ executions, accepted, processorMs: processorMsSince(began), finding });

  for (const [name, input] of job.withCorpus ? kept : []) {
    executions += 1;
    const outcome = await tried(target, input);
    if (isTrouble(outcome))
      return found({ target: target.name, execution: null, input, ...outcome, message: `${name}: ${outcome.message}` });
    if (outcome === "accepted") accepted += 1;
  }
  const material = materialOf([...target.seeds, ...kept.values()], target.form, [...usualWords, ...(target.words ?? [])]);
  const warmUp = Math.floor(job.executions * warmUpShare);
  let before = 0;
  for (let done = 0; done < job.executions; done += 1) {
    if (done === warmUp && job.executions >= watchedExecutionsMin) before = tidyHeapBytes();
    const execution = job.first + done;
    begins(execution);
    const input = inputOf(material, target.name, job.seed, execution);
    executions += 1;
    const outcome = await tried(target, input);
    if (isTrouble(outcome)) return found({ target: target.name, execution, ...outcome, input: await smallest(target, input, outcome) });
    if (outcome === "accepted") accepted += 1;
  }
  const grownBytes = before === 0 ? 0 : tidyHeapBytes() - before;
  if (grownBytes <= growthBytesMax) return found(null);
  const message = `${job.executions - warmUp} executions have left ${(grownBytes / 1_024 / 1_024).toFixed(1)} MiB behind`;
  return found({ target: target.name, kind: "grew", message, execution: null, input: null });
}

function inputOf(material: Material, target: string, seed: number, execution: number): Uint8Array {
  return nextInput(material, new SeededRandom(execution, `${target}/${seed}`));
}

interface Trouble {
  readonly kind: FindingKind;
  readonly message: string;
}

function isTrouble(outcome: Outcome | Trouble): outcome is Trouble {
  return typeof outcome === "object";
}

async function tried({ execute }: FuzzTarget, input: Uint8Array): Promise<Outcome | Trouble> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const startedAtMs = performance.now();
    const before = process.threadCpuUsage();
    try {
      const outcome = execute(input);
      const result = typeof outcome === "string" ? outcome : await outcome;
      // Others want the processor too: only what this thread has taken of it counts.
      if (performance.now() - startedAtMs > slowMs) leastMs = Math.min(leastMs, processorMsSince(before));
      else return result;
      if (leastMs <= slowMs) return result;
    } catch (error) {
      return { kind: "threw", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
  }
  return { kind: "slow", message: `${input.length} bytes take ${Math.round(leastMs)} ms, more than the ${slowMs} that anything may` };
}

function processorMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** What is slow takes too long to be made smaller. */
function smallest(target: FuzzTarget, input: Uint8Array, trouble: Trouble): Promise<Uint8Array> | Uint8Array {
  if (trouble.kind !== "threw") return input;
  const isSame = async (smaller: Uint8Array): Promise<boolean> => {
    const outcome = await tried(target, smaller);
    return isTrouble(outcome) && outcome.kind === trouble.kind && nameIn(outcome) === nameIn(trouble);
  };
  return leastInput(input, isSame);
}

function nameIn({ message }: Trouble): string {
  return message.slice(0, message.indexOf(":") + 12);
}

let tidyUp: (() => void) | undefined;

function tidyHeapBytes(): number {
  if (tidyUp === undefined) {
    setFlagsFromString("--expose-gc");
    tidyUp = runInNewContext("gc") as () => void;
  }
  tidyUp();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
