import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { balancerPort, listenError } from "../link/listen-error.ts";
import type { GroupStandings, Standing } from "./group-standing.ts";

const connectionsMax = 256;
const headerBytesMax = 4_096;
/** A balancer that has not sent its request by then is a stranger. */
const requestTimeoutMs = 5_000;

export interface BalancerEndpointOptions {
  readonly host: string;
  readonly settings: NonNullable<AgentSettings["balancer"]>;
  readonly document: () => ClusterDocument;
  readonly standings: GroupStandings;
}

/** What is answered to a check: the state's name is the whole body, and its status what a balancer acts on. */
interface Answer {
  readonly status: 200 | 404 | 503;
  readonly state: "operational" | "drain" | "standby" | "unknown";
  readonly reason?: string;
}

/**
 * HTTP for the health checks of load balancers: `GET /groups/NAME` for a group that has a balancer answer, `GET /` (and the
 * compatible path) for all of them together. 200: send requests here; 404: send nothing new; 503: not fit to be asked.
 * `HEAD` too; JSON for who accepts it. Throws `AgentError` ("port-unavailable") where it cannot listen.
 */
export async function openBalancerEndpoint(options: BalancerEndpointOptions): Promise<{ close(): Promise<void> }> {
  const { host, settings } = options;
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: requestTimeoutMs }, (request, response) =>
    respond(request, response, options),
  );
  server.maxConnections = connectionsMax;
  await listening(server, host, settings.port);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port, ...balancerPort })));
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function respond(request: IncomingMessage, response: ServerResponse, options: BalancerEndpointOptions): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    // The connection goes too: whatever body came along is never read.
    response.writeHead(405, { allow: "GET, HEAD", connection: "close" }).end();
    return;
  }
  const answer = answerTo((request.url ?? "").split("?")[0] ?? "", options);
  const isJson = request.headers.accept?.includes("application/json") === true;
  const { status, ...said } = answer;
  response.writeHead(status, { "content-type": isJson ? "application/json" : "text/plain", "cache-control": "no-store" });
  response.end(isJson ? `${JSON.stringify(said)}\n` : `${[said.state, said.reason].filter((part) => part !== undefined).join(": ")}\n`);
}

function answerTo(path: string, { settings, document, standings }: BalancerEndpointOptions): Answer {
  const groups = document()
    .groups.filter(({ resources }) => resources.some(({ kind }) => kind === "balancer-answer"))
    .map(({ name }) => name);
  if (path === "/" || path === settings.compatiblePath) return ofAll(groups.map((group) => ofGroup(group, standings)));
  const named = groups.find((group) => path === `/groups/${group}`);
  return named === undefined ? unknownGroup : ofGroup(named, standings);
}

const unknownGroup: Answer = {
  status: 404,
  state: "unknown",
  reason: "no group of that name has a balancer answer in the cluster document",
};

function ofGroup(group: GroupName, standings: GroupStandings): Answer {
  const standing = standings.of(group);
  return standing === null ? unknownGroup : ofStanding(standing);
}

function ofStanding(standing: Standing): Answer {
  switch (standing.is) {
    case "operational":
      return { status: 200, state: "operational" };
    case "drain":
    case "standby":
      return { status: 404, state: standing.is };
    case "unknown":
      return { status: 503, state: "unknown", reason: standing.reason };
  }
}

/** Who asks for the whole node may be sending requests for any of its groups: the least fit one decides. */
function ofAll(answers: readonly Answer[]): Answer {
  const order: readonly Answer["state"][] = ["unknown", "standby", "drain", "operational"];
  return answers.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))[0] ?? unknownGroup;
}
