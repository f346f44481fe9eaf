import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import type { GroupName } from "../../shared/domain/ids.ts";
import { groupNameSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";
import { reasonOf } from "../agent-error.ts";
import type { DriftAnswer, DriftRequest } from "../compare/drift-request.ts";
import type { DrillReport } from "../drills/drill-report.ts";
import { type DrillRequest, drillRequestSchema } from "../drills/drill-request.ts";
import type { FilesAnswer, FilesRequest } from "../files/files-request.ts";
import type { CertificateStanding } from "../node/certificate-keeper.ts";
import { type Maintenance, maintenanceReasonCharactersMax } from "../node/maintenance.ts";
import { type ConflictAnswer, type ConflictRequest, conflictLinesMax } from "../replication/conflict-record.ts";
import type { DataAnswer, DataRequest } from "../replication/data-request.ts";
import { type TriggersAnswer, type TriggersRequest, triggersRequestSchema } from "../triggers/triggers-request.ts";
import type { AgentStatus, HeardGaps } from "./agent-status.ts";
import { type BarrierAnswer, barrierMsMax } from "./barrier-answer.ts";
import type { OutlookAnswer } from "./outlook-answer.ts";
import { type TrustAnswer, type TrustRequest, trustRequestSchema } from "./trust-request.ts";

const bodyBytesMax = 4_096;

const outlookRequestSchema = z.strictObject({ group: groupNameSchema });
const takeoverRequestSchema = z.strictObject({ group: groupNameSchema, reason: z.string().trim().min(1).max(300) });
export const switchoverRequestSchema = z.strictObject({ group: groupNameSchema, to: z.string().min(1).max(63) });

/** `reason` null: it is over. */
const maintenanceRequestSchema = z.strictObject({ reason: z.string().trim().min(1).max(maintenanceReasonCharactersMax).nullable() });

const barrierRequestSchema = z.strictObject({ dataSet: slugSchema, timeoutMs: z.int().positive().max(barrierMsMax) });

const dataRequestSchema = z.strictObject({ kind: z.enum(["backups", "undo", "rejoin"]), dataSet: slugSchema.optional() });
const driftRequestSchema = z.strictObject({ kind: z.enum(["compare", "repair"]), dataSet: slugSchema.optional() });
const certificateRequestSchema = z.strictObject({ kind: z.literal("rotate") });
const clockRequestSchema = z.strictObject({ kind: z.literal("release") });
const filesRequestSchema = z.strictObject({ kind: z.enum(["status", "verify"]), dataSet: slugSchema.optional() });

const oneConflict = { dataSet: slugSchema.optional(), id: z.int().positive() };
const conflictRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("list"),
    dataSet: slugSchema.optional(),
    before: z.int().positive().optional(),
    limit: z.int().positive().max(conflictLinesMax),
    open: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal("show"), ...oneConflict }),
  z.strictObject({ kind: z.literal("reapply"), ...oneConflict, newKey: z.boolean().optional() }),
  z.strictObject({ kind: z.literal("resolve"), ...oneConflict, decision: z.enum(["keep", "take"]) }),
]);

export interface LocalApiOptions {
  readonly socketPath: string;
  readonly status: () => AgentStatus;
  readonly gaps: () => HeardGaps;
  /** What `switchover` would do, and why. Null where nobody can say. */
  readonly outlook: (group: GroupName) => Promise<OutlookAnswer | null>;
  /** `to` names a node by its id or its name. Null where it has begun, else why it cannot be. */
  readonly switchover: (group: GroupName, to: string) => Promise<string | null>;
  /** The other node is down, an operator says: go on alone. Null where it has begun, else why it is not done. */
  readonly takeover: (group: GroupName, reason: string) => Promise<string | null>;
  /** Ends this node's quarantine: `quarantinedForMs` of the status tells when the peers have heard it. */
  readonly readmit: () => void;
  /** Who has on its disk what was committed here up to now. Rejects with the cause where nobody has in time. */
  readonly barrier: (dataSet: string, timeoutMs: number) => Promise<BarrierAnswer>;
  /** Rejects with the cause. */
  readonly files: (request: FilesRequest) => Promise<FilesAnswer>;
  /** Rejects with the cause. */
  readonly conflicts: (request: ConflictRequest) => Promise<ConflictAnswer>;
  /** Rejects with the cause. */
  readonly data: (request: DataRequest) => Promise<DataAnswer>;
  /** Rejects with the cause. */
  readonly drift: (request: DriftRequest) => Promise<DriftAnswer>;
  /** What waits since this node's clock is in doubt goes out. Rejects with the cause where it is in none. */
  readonly releaseWithheld: () => Promise<void>;
  /** Answers everything under `/v1/` (agent/records). */
  readonly records: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Rejects with the cause. */
  readonly drills: (request: DrillRequest) => Promise<readonly DrillReport[]>;
  /** Rejects with the cause. */
  readonly triggers: (request: TriggersRequest) => Promise<TriggersAnswer>;
  /** Rejects with the cause. */
  readonly trust: (request: TrustRequest) => Promise<TrustAnswer>;
  /** This node gets a new key and certificate now. Rejects with the cause where the control plane cannot be asked. */
  readonly rotateCertificate: () => Promise<CertificateStanding>;
  readonly maintenance: Pick<Maintenance, "begin" | "end">;
  /** Leaves what runs for the next agent. For how long, or why not. */
  readonly detach: () => Promise<{ readonly backWithinMs: number } | { readonly refusal: string }>;
}

export interface LocalApi {
  close(): Promise<void>;
}

/** HTTP on a Unix socket in the data directory: whoever may enter that directory may ask. `GET /status`, `GET /gaps`, `POST /outlook`, `POST /switchover`, `POST /takeover`, `POST /readmit`, `POST /maintenance`, `POST /drills`, `POST /conflicts`, `POST /data`, `POST /drift`, `POST /clock`, `POST /barrier`, `POST /files`, `POST /triggers`, `POST /trust`, `POST /certificate`, `POST /detach`, and everything under `/v1/`. */
export async function openLocalApi(options: LocalApiOptions): Promise<LocalApi> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => reply(response, 500, { error: reasonOf(error) }));
  });
  server.requestTimeout = 5_000;
  // The lock on the data directory is held: what lies here is of an agent that is gone.
  await rm(options.socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.socketPath, resolve);
  });
  await chmod(options.socketPath, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: LocalApiOptions): Promise<void> {
  if (request.url?.startsWith("/v1/") === true) return options.records(request, response);
  const route = `${request.method} ${request.url}`;
  if (route === "GET /status") return reply(response, 200, options.status());
  if (route === "GET /gaps") return reply(response, 200, options.gaps());
  if (route === "POST /outlook") return answerOutlook(request, response, options);
  if (route === "POST /takeover") return answerTakeover(request, response, options);
  if (route === "POST /readmit") {
    options.readmit();
    return reply(response, 202, {});
  }
  if (route === "POST /maintenance") return changeMaintenance(request, response, options);
  if (route === "POST /drills") return answerAsked({ schema: drillRequestSchema, ask: options.drills, refused: 409 }, request, response);
  if (route === "POST /conflicts") {
    return answerAsked({ schema: conflictRequestSchema, ask: options.conflicts, refused: 409 }, request, response);
  }
  if (route === "POST /data") return answerAsked({ schema: dataRequestSchema, ask: options.data, refused: 409 }, request, response);
  if (route === "POST /drift") return answerAsked({ schema: driftRequestSchema, ask: options.drift, refused: 409 }, request, response);
  if (route === "POST /clock") {
    return answerAsked(
      { schema: clockRequestSchema, ask: () => options.releaseWithheld().then(() => ({})), refused: 409 },
      request,
      response,
    );
  }
  if (route === "POST /barrier") {
    const ask = ({ dataSet, timeoutMs }: z.infer<typeof barrierRequestSchema>) => options.barrier(dataSet, timeoutMs);
    return answerAsked({ schema: barrierRequestSchema, ask, refused: 504 }, request, response);
  }
  if (route === "POST /files") return answerAsked({ schema: filesRequestSchema, ask: options.files, refused: 409 }, request, response);
  if (route === "POST /triggers") {
    return answerAsked({ schema: triggersRequestSchema, ask: options.triggers, refused: 409 }, request, response);
  }
  if (route === "POST /trust") return answerAsked({ schema: trustRequestSchema, ask: options.trust, refused: 409 }, request, response);
  if (route === "POST /certificate") {
    return answerAsked({ schema: certificateRequestSchema, ask: options.rotateCertificate, refused: 409 }, request, response);
  }
  if (route === "POST /detach") return answerDetach(response, options);
  if (route !== "POST /switchover") return reply(response, 404, { error: `there is no ${route}` });
  const body = await readAs(switchoverRequestSchema, request, response);
  if (body === undefined) return;
  const refusal = await options.switchover(body.group, body.to);
  return refusal === null ? reply(response, 202, {}) : reply(response, 409, { error: refusal });
}

async function answerOutlook(request: IncomingMessage, response: ServerResponse, options: LocalApiOptions): Promise<void> {
  const body = await readAs(outlookRequestSchema, request, response);
  if (body === undefined) return;
  const outlook = await options.outlook(body.group);
  return outlook === null ? reply(response, 404, { error: `nothing is known of a group ${body.group}` }) : reply(response, 200, outlook);
}

async function changeMaintenance(request: IncomingMessage, response: ServerResponse, { maintenance }: LocalApiOptions): Promise<void> {
  const body = await readAs(maintenanceRequestSchema, request, response);
  if (body === undefined) return;
  if (body.reason === null) await maintenance.end();
  else await maintenance.begin(body.reason);
  reply(response, 200, {});
}

async function answerTakeover(request: IncomingMessage, response: ServerResponse, options: LocalApiOptions): Promise<void> {
  const body = await readAs(takeoverRequestSchema, request, response);
  if (body === undefined) return;
  const refusal = await options.takeover(body.group, body.reason);
  return refusal === null ? reply(response, 202, {}) : reply(response, 409, { error: refusal });
}

/** 200 with the answer, or `refused` with the cause. */
async function answerAsked<T>(
  { schema, ask, refused }: { readonly schema: z.ZodType<T>; readonly ask: (body: T) => Promise<unknown>; readonly refused: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readAs(schema, request, response);
  if (body === undefined) return;
  try {
    reply(response, 200, await ask(body));
  } catch (error) {
    reply(response, refused, { error: reasonOf(error) });
  }
}

async function answerDetach(response: ServerResponse, options: LocalApiOptions): Promise<void> {
  const answer = await options.detach();
  return "refusal" in answer ? reply(response, 409, { error: answer.refusal }) : reply(response, 202, answer);
}

/** On one line, for the end of a sentence. */
function problemsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.length === 0 ? "the request" : path.join(".")} ${message}`).join("; ");
}

/** Undefined where the body is none of these, which has been answered then. */
async function readAs<T>(schema: z.ZodType<T>, request: IncomingMessage, response: ServerResponse): Promise<T | undefined> {
  const body = schema.safeParse(await readBody(request));
  if (body.success) return body.data;
  reply(response, 400, { error: problemsOf(body.error) });
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > bodyBytesMax) throw new Error(`the body is longer than ${bodyBytesMax} characters`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
