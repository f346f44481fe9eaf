import type { Logger } from "pino";
import { limits } from "../../shared/config/limits.ts";
import { reasonOf } from "../agent-error.ts";
import type { Replication } from "../replication/replication.ts";
import type { DataSetWriter } from "./data-set-writer.ts";
import { isRefusal } from "./record-request.ts";

const everyMs = 1_000;

/** Where this node is the writer, what has expired is deleted: an ordinary change, which every node takes, a batch at a time. */
export function sweepExpired(
  writer: DataSetWriter,
  replication: Pick<Replication, "records">,
  log: Pick<Logger, "warn">,
): { close(): void } {
  let isSweeping = false;
  const sweep = async (): Promise<void> => {
    if (isSweeping) return;
    isSweeping = true;
    try {
      for (const dataSet of writer.dataSets.filter(({ kind }) => kind === "state")) await sweepOne(writer, replication, dataSet);
    } catch (error) {
      log.warn(`what has expired could not be deleted: ${reasonOf(error)}`);
    } finally {
      isSweeping = false;
    }
  };
  const timer = setInterval(() => void sweep(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}

async function sweepOne(
  writer: DataSetWriter,
  replication: Pick<Replication, "records">,
  dataSet: DataSetWriter["dataSets"][number],
): Promise<void> {
  for (;;) {
    const tenure = writer.tenureFor(dataSet);
    if (tenure === null) return;
    const answer = await replication.records({ kind: "expire", dataSet: dataSet.name, tenure });
    // Whatever stands in the way shows where somebody reads or writes; the next round tries again.
    if (isRefusal(answer) || answer.deleted < limits.recordsExpiredAtOnceMax) return;
  }
}
