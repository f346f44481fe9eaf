import { AgentError, type AgentErrorCode } from "../agent-error.ts";
import type { DriftAnswer, DriftRequest } from "../compare/drift-request.ts";
import type { DrillReport } from "../drills/drill-report.ts";
import type { DrillRequest } from "../drills/drill-request.ts";
import type { FilesAnswer, FilesRequest } from "../files/files-request.ts";
import type { CertificateStanding } from "../node/certificate-keeper.ts";
import type { ConflictAnswer, ConflictRequest } from "../replication/conflict-record.ts";
import type { DataAnswer, DataRequest } from "../replication/data-request.ts";
import type { TriggersAnswer, TriggersRequest } from "../triggers/triggers-request.ts";
import type { AgentStatus, HeardGaps } from "./agent-status.ts";
import type { BarrierAnswer } from "./barrier-answer.ts";
import type { OutlookAnswer } from "./outlook-answer.ts";
import { callSocket, type SocketAnswer } from "./socket-call.ts";
import type { TrustAnswer, TrustRequest } from "./trust-request.ts";

const timeoutMs = 5_000;
/** To put a large database back takes its time. */
const dataMsMax = 600_000;
/** A control plane that does not answer is waited for so long. */
const certificateMsMax = 15_000;
const verifyMs = 6 * 3_600_000;
/** What an answer may take beyond what was asked for. */
const graceMs = 2_000;

/** The CLI's way to the agent that runs on this server. Throws `AgentError` ("not-running") where there is none. */
export class LocalClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async status(): Promise<AgentStatus> {
    return (await this.#get("/status")) as AgentStatus;
  }

  async gaps(): Promise<HeardGaps> {
    return (await this.#get("/gaps")) as HeardGaps;
  }

  /** Throws `AgentError` ("switchover-failed") where the agent knows nothing of the group. */
  async outlook(group: string): Promise<OutlookAnswer> {
    const { status, body } = await this.#call("POST", "/outlook", { group });
    if (status === 200) return body as OutlookAnswer;
    throw new AgentError(
      "switchover-failed",
      `The agent cannot say: ${reasonIn(body, status)}.`,
      "Ask it for its groups with: understudy agent status --config FILE.",
    );
  }

  /** Null where the agent has begun, else its reason not to. */
  async switchover(group: string, to: string): Promise<string | null> {
    const { status, body } = await this.#call("POST", "/switchover", { group, to });
    if (status === 202) return null;
    return reasonIn(body, status);
  }

  /** Null where the agent goes on alone, else its reason not to. */
  async takeover(group: string, reason: string): Promise<string | null> {
    const { status, body } = await this.#call("POST", "/takeover", { group, reason });
    if (status === 202) return null;
    return reasonIn(body, status);
  }

  /** `list`: newest first; `run`: the one that was begun. Throws `AgentError` ("drill-failed") with the agent's reason. */
  async drills(request: DrillRequest): Promise<readonly DrillReport[]> {
    const { status, body } = await this.#call("POST", "/drills", request);
    if (status === 200) return body as readonly DrillReport[];
    throw refused("drill-failed", body, status);
  }

  /** Throws `AgentError` ("trigger-failed") with the agent's reason. */
  async triggers(request: TriggersRequest): Promise<TriggersAnswer> {
    const { status, body } = await this.#call("POST", "/triggers", request);
    if (status === 200) return body as TriggersAnswer;
    throw refused("trigger-failed", body, status);
  }

  /** Throws `AgentError` ("document-refused") with the agent's reason. */
  async trust(request: TrustRequest): Promise<TrustAnswer> {
    const { status, body } = await this.#call("POST", "/trust", request);
    if (status === 200) return body as TrustAnswer;
    throw refused("document-refused", body, status);
  }

  /** Asks the agent to end its node's quarantine; its status tells when the peers have heard it. */
  async readmit(): Promise<void> {
    const { status } = await this.#call("POST", "/readmit");
    if (status !== 202) throw new Error(`the agent answered with status ${status}`);
  }

  /** `reason` null ends it. Throws `AgentError` ("maintenance-failed") where the agent could not keep it. */
  async maintenance(reason: string | null): Promise<void> {
    const { status, body } = await this.#call("POST", "/maintenance", { reason });
    if (status === 200) return;
    throw refused("maintenance-failed", body, status);
  }

  /** Throws `AgentError` ("conflict-refused") with the agent's reason. */
  async conflicts(request: ConflictRequest): Promise<ConflictAnswer> {
    const { status, body } = await this.#call("POST", "/conflicts", request);
    if (status === 200) return body as ConflictAnswer;
    throw refused("conflict-refused", body, status);
  }

  /** Throws `AgentError` ("files-failed") with the agent's reason. Reading all files may take long. */
  async files(request: FilesRequest): Promise<FilesAnswer> {
    const { status, body } = await this.#call("POST", "/files", request, request.kind === "verify" ? verifyMs : timeoutMs);
    if (status === 200) return body as FilesAnswer;
    throw refused("files-failed", body, status);
  }

  /** Throws `AgentError` ("data-refused") with the agent's reason. */
  async data(asked: DataRequest): Promise<DataAnswer> {
    const { status, body } = await this.#call("POST", "/data", asked, dataMsMax);
    if (status === 200) return body as DataAnswer;
    throw refused("data-refused", body, status);
  }

  /** Throws `AgentError` ("data-refused") with the agent's reason. To read all rows may take long. */
  async drift(asked: DriftRequest): Promise<DriftAnswer> {
    const { status, body } = await this.#call("POST", "/drift", asked, verifyMs);
    if (status === 200) return body as DriftAnswer;
    throw new AgentError(
      "data-refused",
      `The agent refused: ${reasonIn(body, status)}.`,
      "Mend what it names, then try again. Nothing has changed.",
    );
  }

  /** Throws `AgentError` ("certificate-failed") with the agent's reason. */
  async rotateCertificate(): Promise<CertificateStanding> {
    const { status, body } = await this.#call("POST", "/certificate", { kind: "rotate" }, certificateMsMax);
    if (status === 200) return body as CertificateStanding;
    throw refused("certificate-failed", body, status);
  }

  /** Throws `AgentError` ("clock-refused") with the agent's reason. */
  async releaseWithheld(): Promise<void> {
    const { status, body } = await this.#call("POST", "/clock", { kind: "release" });
    if (status !== 200) throw refused("clock-refused", body, status);
  }

  /** Throws `AgentError` ("barrier-failed") with the agent's reason. */
  async barrier(dataSet: string, withinMs: number): Promise<BarrierAnswer> {
    const { status, body } = await this.#call("POST", "/barrier", { dataSet, timeoutMs: withinMs }, withinMs + graceMs);
    if (status === 200) return body as BarrierAnswer;
    throw new AgentError(
      "barrier-failed",
      `Not on another disk yet: ${reasonIn(body, status)}.`,
      "Nothing has changed; what was committed stays committed here.",
    );
  }

  /** For how long the agent may be away, in milliseconds, or why it cannot be. */
  async detach(): Promise<{ readonly backWithinMs: number } | { readonly refusal: string }> {
    const { status, body } = await this.#call("POST", "/detach");
    if (status === 202) return body as { readonly backWithinMs: number };
    return { refusal: reasonIn(body, status) };
  }

  async #get(path: string): Promise<unknown> {
    const { status, body } = await this.#call("GET", path);
    if (status !== 200) throw new Error(`the agent answered with status ${status}`);
    return body;
  }

  #call(method: string, path: string, content?: unknown, withinMs = timeoutMs): Promise<SocketAnswer> {
    return callSocket(this.#socketPath, { method, path, content, withinMs });
  }
}

function refused(code: AgentErrorCode, body: unknown, status: number): AgentError {
  return new AgentError(code, `The agent refused: ${reasonIn(body, status)}.`, "Mend what it names, then try again. Nothing has changed.");
}

/** For the end of a sentence. */
function reasonIn(body: unknown, status: number): string {
  return (body as { readonly error?: string }).error ?? `the agent answered with status ${status}`;
}
