import { canaries } from "./canaries.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { apiBody } from "./targets/api-body.ts";
import { availabilityTable } from "./targets/availability-table.ts";
import { certificate } from "./targets/certificate.ts";
import { cloudMessage } from "./targets/cloud-message.ts";
import { clusterDocument } from "./targets/cluster-document.ts";
import { commandLine } from "./targets/command-line.ts";
import { decision } from "./targets/decision.ts";
import { dnsAnswer } from "./targets/dns-answer.ts";
import { dnsQuestion } from "./targets/dns-question.ts";
import { filePath } from "./targets/file-path.ts";
import { ipAddress } from "./targets/ip-address.ts";
import { joinToken } from "./targets/join-token.ts";
import { lanMessage } from "./targets/lan-message.ts";
import { licencePayload } from "./targets/licence.ts";
import { renderedNames } from "./targets/names.ts";
import { processLines } from "./targets/process-lines.ts";
import { replicationFrame } from "./targets/replication-frame.ts";
import { row } from "./targets/row.ts";
import { schedule } from "./targets/schedule.ts";
import { settings } from "./targets/settings.ts";
import { signedText } from "./targets/signed.ts";
import { sip } from "./targets/sip.ts";
import { snsCall } from "./targets/sns-call.ts";
import { stateFile } from "./targets/state-file.ts";
import { systemOutput } from "./targets/system-output.ts";
import { webhookUrl } from "./targets/webhook-url.ts";

/** Everything that reads what somebody else has made. */
export const targets: readonly FuzzTarget[] = [
  lanMessage,
  replicationFrame,
  row,
  signedText,
  clusterDocument,
  licencePayload,
  joinToken,
  cloudMessage,
  apiBody,
  certificate,
  stateFile,
  filePath,
  webhookUrl,
  renderedNames,
  availabilityTable,
  systemOutput,
  ipAddress,
  dnsAnswer,
  dnsQuestion,
  sip,
  snsCall,
  schedule,
  settings,
  commandLine,
  processLines,
  decision,
];

export function targetNamed(name: string): FuzzTarget {
  const found = [...targets, ...canaries].find((target) => target.name === name);
  if (found === undefined) throw new Error(`there is no target ${name}`);
  return found;
}
