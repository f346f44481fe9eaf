import { readFile } from "node:fs/promises";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import type { WebhookAction } from "../../../shared/domain/triggers/trigger.ts";
import type { TriggerSettings } from "../../config/trigger-settings.ts";
import { GivenUp } from "../carry-out.ts";
import type { Told } from "./told.ts";

/** Statuses that say: later. Every other one that is no success would say the same again. */
const laterStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/** Why it could never be sent from this node; null: it can. */
export function webhookProblem({ url }: WebhookAction, { webhookHosts }: TriggerSettings): string | null {
  const { hostname } = new URL(url);
  return Object.hasOwn(webhookHosts, bare(hostname)) ? null : `${bare(hostname)} is not in triggers.webhookHosts of this node's settings`;
}

/** One POST of JSON, with the occurrence's id as `Idempotency-Key` and the fencing number as `Understudy-Epoch`. Redirects are not followed. */
export async function sendWebhook({ url }: WebhookAction, settings: TriggerSettings, told: Told, signal: AbortSignal): Promise<string> {
  const target = new URL(url);
  const caFile = settings.webhookHosts[bare(target.hostname)]?.caFile;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, { encoding: "utf8", signal }) };
  const body = JSON.stringify(told);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "idempotency-key": `${told.cluster}/${told.occurrence}`,
    "understudy-epoch": told.epoch,
  };
  const options: RequestOptions = { method: "POST", agent: false, signal, headers, ...ca };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = target.protocol === "https:" ? requestHttps(target, options) : requestHttp(target, options);
    outgoing.once("response", resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
  answer.destroy();
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return `status ${status}`;
  const said = `it answered with status ${status}`;
  throw status >= 500 || laterStatuses.has(status) ? new Error(said) : new GivenUp(said);
}

/** An IPv6 address stands in brackets in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
