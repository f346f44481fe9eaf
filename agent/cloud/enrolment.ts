import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import { type EnrolRequest, type EnrolResponse, enrolledSchema } from "../../shared/protocol/api-contract.ts";
import { type ApiErrorCode, apiErrorSchema } from "../../shared/protocol/errors.ts";
import { decodeJoinToken, type JoinToken } from "../../shared/protocol/join-token.ts";
import { AgentError } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { furtherPaths } from "../config/lan-addresses.ts";
import { type NodeIdentity, proveKey, readIdentity } from "../link/identity.ts";
import { createIdentity } from "../link/make-identity.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { writeDurably } from "../storage/durable-file.ts";
import { parseJson } from "../storage/parse-json.ts";
import { type EnrolledNode, writeEnrolledNode } from "./enrolled-node.ts";
import { hardwareAddresses } from "./hardware-addresses.ts";
import type { HttpsAnswer } from "./https-answer.ts";
import { openPinnedHttps, type PinnedHttps } from "./pinned-https.ts";
import { verifyDocument } from "./trust-store.ts";

/** The request is harmless to repeat: the same token and certificate get the same answer. */
const attempts = 4;
const pauseMs = 1_500;
/** While a licence is waited for: what a person extends is seen within moments. */
const licencePauseMs = 5_000;
const licenceAttempts = (limits.joinWaitSecondsMax * 1_000) / licencePauseMs;
/** A further licence ends these refusals; the control plane keeps the token for this node meanwhile. */
const endedByLicence: ReadonlySet<ApiErrorCode> = new Set(["licence-required", "licence-limit"]);

export interface EnrolOptions {
  readonly token: string;
  readonly name: string;
  readonly settings: AgentSettings;
  readonly paths: DataPaths;
  /** Where the licence has no room for this node: wait for one that has, for a day at most, and go on. */
  readonly waitsForLicence: boolean;
  /** Told what is waited for. */
  readonly onWaiting: (what: string) => void;
}

/** Reads a token, or throws `AgentError` ("bad-token"). */
export function readToken(text: string): JoinToken {
  const decoded = decodeJoinToken(text);
  if (decoded.ok) return decoded.token;
  const [cause = decoded.reason, ...rest] = decoded.reason.split(". ");
  throw new AgentError(
    "bad-token",
    `${cause.charAt(0).toUpperCase()}${cause.slice(1)}.`,
    rest.join(". ") || "Create a new join token in the console.",
  );
}

/**
 * Enrols this node: makes its key, proves that it holds it, checks the signed answer and stores everything before it says so. Throws `AgentError`
 * with cause and next step; the node is then not enrolled, and the same command may be repeated.
 */
export async function enrol(options: EnrolOptions): Promise<EnrolledNode> {
  const { token: text, name, settings, paths: data } = options;
  const token = readToken(text);
  const cloud = await openPinnedHttps(token.apiUrl, token.apiCaSha256);
  const identity = (await readIdentity(data)) ?? (await createIdentity(data, settings.certificate.lifeDays));
  const { host, heartbeatPort, replicationPort } = settings.listen;
  const paths = furtherPaths(settings.listen);
  const request: EnrolRequest = {
    tokenSecret: token.secret,
    name,
    host,
    heartbeatPort,
    replicationPort,
    ...(paths.length === 0 ? {} : { paths: [...paths] }),
    hardwareAddresses: [...hardwareAddresses()],
    certificatePem: identity.certificatePem,
    proof: proveKey(identity, token.secret),
  };
  const response = await repeatedly(() => cloud.post("/v1/enrol", request), options);
  await checkResponse(response, token, identity);
  const { document, ...enrolled } = response;
  const node: EnrolledNode = { schema: 1, ...enrolled, name, apiUrl: token.apiUrl };
  await writeDurably(data.clusterDocument, document);
  await writeEnrolledNode(data.identity, node);
  return node;
}

/** The answer to a request that is harmless to repeat. Throws `AgentError`. */
export function postEnrolment(cloud: PinnedHttps, request: EnrolRequest): Promise<EnrolResponse> {
  return repeatedly(() => cloud.post("/v1/enrol", request), { waitsForLicence: false, onWaiting: () => {} });
}

async function repeatedly(
  post: () => Promise<HttpsAnswer>,
  { waitsForLicence, onWaiting }: Pick<EnrolOptions, "waitsForLicence" | "onWaiting">,
): Promise<EnrolResponse> {
  let needsLicence = false;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await post().then(readAnswer, (error: unknown) => unreachable(error));
    if (!(outcome instanceof Refused)) return outcome;
    // Whoever waits for a licence waits through a restart of the control plane too.
    needsLicence = waitsForLicence && (outcome.needsLicence || (needsLicence && outcome.isPassing));
    if (!(needsLicence || outcome.isPassing) || attempt >= (needsLicence ? licenceAttempts : attempts)) throw outcome.error;
    onWaiting(outcome.error.message);
    await sleep(needsLicence ? licencePauseMs : pauseMs);
  }
}

class Refused {
  /** The cloud may answer otherwise in a moment. */
  readonly isPassing: boolean;
  readonly error: AgentError;
  readonly needsLicence: boolean;

  constructor(isPassing: boolean, error: AgentError, needsLicence = false) {
    this.isPassing = isPassing;
    this.error = error;
    this.needsLicence = needsLicence;
  }
}

function unreachable(error: unknown): Refused {
  if (error instanceof AgentError) return new Refused(error.code === "cloud-unreachable", error);
  throw error;
}

function readAnswer(answer: HttpsAnswer): EnrolResponse | Refused {
  const body = parseJson(answer.body);
  if (answer.status === 200 || answer.status === 201) {
    const parsed = enrolledSchema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw notTrusted(`its answer is not what it should be: ${z.prettifyError(parsed.error).slice(0, 500)}`);
  }
  const refusal = apiErrorSchema.safeParse(body);
  if (!refusal.success) {
    const message = `The control plane answered with status ${answer.status} and no reason.`;
    return new Refused(
      answer.status >= 500,
      new AgentError("cloud-unreachable", message, "Try again; if it stays so, look at the control plane's log."),
    );
  }
  const { code, message, nextStep, problems = [] } = refusal.data.error;
  const details = problems.map((problem) => `\n  ${problem.path}: ${problem.message}`).join("");
  const error = new AgentError(
    "refused-by-cloud",
    `The control plane refused this node: ${message}${/[.!?]$/.test(message) ? "" : "."}${details}`,
    nextStep,
  );
  return new Refused(answer.status >= 500 || answer.status === 429, error, endedByLicence.has(code));
}

/** The answer must be of the token's cluster, signed, and name this node's own certificate. */
export async function checkResponse(response: EnrolResponse, token: JoinToken, identity: NodeIdentity): Promise<void> {
  if (response.clusterId !== token.clusterId)
    throw notTrusted(`it answered for cluster ${response.clusterId}, the token is for ${token.clusterId}`);
  const trusted = await verifyDocument(response.document, response.signingKeys, { clusterId: token.clusterId });
  if (typeof trusted === "string") throw notTrusted(`its cluster document cannot be believed: ${trusted}`);
  const own = membersOf(trusted.document).find((node) => node.nodeId === response.nodeId);
  if (own?.certificateSha256 !== identity.certificateSha256) throw notTrusted("its cluster document does not name this node's certificate");
}

function notTrusted(reason: string): AgentError {
  const nextStep = "Create a new join token and try again; if it happens again, check the control plane's version and certificate.";
  return new AgentError("cloud-not-trusted", `The control plane's answer was not accepted: ${reason}.`, nextStep);
}
