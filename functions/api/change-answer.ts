import type { Context } from "hono";
import { z } from "zod";
import type { ClusterId } from "../../shared/domain/ids.ts";
import { changePreviewSchema, clusterSchema } from "../../shared/protocol/api-contract.ts";
import { changeDocument, checkChange, type DocumentChange } from "../use-cases/change-document.ts";
import type { ApiEnv } from "./api-env.ts";
import { clusterAnswer } from "./cluster-answer.ts";
import { answer, answers } from "./route-parts.ts";

export const changeAnswers = answers(
  200,
  "the cluster as it is now, its version as ETag; with dryRun what would follow",
  z.union([clusterSchema, changePreviewSchema]),
);

export interface WantedChange {
  readonly clusterId: ClusterId;
  readonly change: DocumentChange;
  readonly expectedVersion: number | undefined;
  readonly dryRun: boolean;
}

/** Makes the change, or says what would follow from it. */
export async function changeAnswer(context: Context<ApiEnv>, wanted: WantedChange) {
  const { clusterId, change, expectedVersion, dryRun } = wanted;
  const acting = context.get("acting");
  if (dryRun) return answer(context, changePreviewSchema, 200, await checkChange(acting, clusterId, change, expectedVersion));
  return clusterAnswer(context, await changeDocument(acting, clusterId, change, expectedVersion), 200);
}
