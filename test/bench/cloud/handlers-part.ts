import { createPrivateKey } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { witnessHandler } from "../../../functions/api/witness-handler.ts";
import { ingestHandler } from "../../../functions/ingest/handler.ts";
import { dynamoDocumentClient } from "../../../functions/store/dynamo-table.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { createUser } from "../../../functions/use-cases/users.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { dynoxide } from "../../contracts/dynamo-servers.ts";
import { startRealConsole } from "../../functions/console/real-console.ts";
import { BatchingTable } from "../../functions/fleet/batching-table.ts";
import { signedQuestion } from "../../functions/signed-question.ts";
import { eachTimed, type Row, row, since, tell } from "./cloud-row.ts";
import { messagesPerDay, monthlyCost, nodeDay } from "./cost-model.ts";
import { CountedPlane } from "./counted-plane.ts";
import { type FleetNode, writeFleet } from "./fleet-seed.ts";
import { happeningsOf } from "./happenings.ts";
import { entriesOf, sumOf } from "./list-prices.ts";
import { pair } from "./node-day.ts";
import { messageOf } from "./node-messages.ts";
import { People } from "./people.ts";

/** As many as Lambda would run beside each other of one function. */
const atOnce = 16;
/** Of each kind of message, from as many nodes all over the fleet; and of each kind of request of people. */
const [samples, askedOfEachKind] = [600, 50];
/** So long a changed summary is read again with every list. */
const settlesMs = 8_000;

/**
 * A fleet at the real handlers, without sockets: what nodes send is handed to the functions as AWS hands it to them, on a table of DynamoDB's kind in a process of its own that says what each request has taken; what
 * they send is recorded, and goes nowhere. The console and the API are asked over HTTP.
 */
export async function handlersPart(nodes: number): Promise<readonly Row[]> {
  if (dynoxide.missing !== undefined) throw new Error(dynoxide.missing);
  await using ends = new AsyncDisposableStack();
  const dynamo = await dynoxide.start();
  const counted = await CountedPlane.start(dynamo);
  ends.defer(() => counted.close());
  const { dependencies } = counted.plane;
  const client = dynamoDocumentClient(dynamo.config);
  ends.defer(async () => client.destroy());
  const table = new BatchingTable(client, dynamo.tableName);
  const seeding = performance.now();
  const fleet = await writeFleet({ table, signer: dependencies.signer }, nodes, (clusters) =>
    tell(clusters, nodes / 2, "clusters are written"),
  );
  console.error(`${nodes} nodes in ${nodes / 2} clusters written in ${since(seeding)} s`);
  const nodeAt = (index: number): FleetNode => {
    const node = fleet.nodes[(index * 31) % nodes];
    if (node === undefined) throw new Error("the fleet has no nodes");
    return node;
  };
  const ingest = ingestHandler(dependencies);
  const delivered = (kind: "report" | "events", node: FleetNode, number: number): Promise<unknown> => {
    const { clusterId, nodeId, certificateSha256 } = node;
    const payload = Buffer.from(messageOf[kind](node, number)).toString("base64");
    return ingest({ topic: cloudTopics[kind](clusterId, nodeId), payload, clientId: nodeId, certificateSha256 });
  };
  const rows: Row[] = [];
  const ofAll = async (what: string, count: number, work: (index: number) => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now();
    const used = await counted.whole(async () => {
      rows.push(row(`${what}, ${atOnce} at a time`, "ms", await eachTimed(count, atOnce, work)));
    });
    rows.push(row(`${what}: all together`, "per s", [count / since(startedMs)]));
    for (const [resource, units] of entriesOf(used)) {
      if (resource === "readUnits" || resource === "writeUnits")
        rows.push(row(`${what}: ${resource === "readUnits" ? "read" : "written"}`, "units each", [units / count]));
    }
    console.error(`${count} times ${what} after ${since(startedMs)} s`);
  };
  await ofAll("first report of a node", samples, (index) => delivered("report", nodeAt(index), 0));
  await ofAll("report with nothing new", samples, (index) => delivered("report", nodeAt(index), 60_000));
  await ofAll("event", samples, (index) => delivered("events", nodeAt(index), index));
  const witness = witnessHandler(dependencies) as unknown as (
    event: object,
    context: object,
  ) => Promise<{ readonly statusCode: number; readonly body: string }>;
  const key = createPrivateKey(fleet.keyPem);
  await ofAll("look at the control plane's vote", samples, async (index) => {
    const { certificatePem } = nodeAt(index);
    const { statusCode, body } = await witness(
      httpRequest(`192.0.2.${index % 256}`, "/v1/witness", signedQuestion({ certificatePem, key }, { type: "look" })),
      {},
    );
    if (statusCode !== 200) throw new Error(`a look was answered ${statusCode}: ${body}`);
  });

  await sleep(settlesMs);
  const site = await startRealConsole(counted.plane);
  ends.defer(() => site.close());
  const access = { role: "owner", customers: "all" } as const;
  const root = { name: "bench", access, expiresAt: null } as const;
  const email = "noc@example.com";
  const { password } = await createUser(site.dependencies, root, { email, access });
  const { secret: apiKey } = await makeApiKey(dependencies, "bench", { name: "bench", access, expiresAt: null });
  const people = await People.signedIn(site.url, { email, password, apiKey });
  for (let asked = 0; asked < 6 * askedOfEachKind; asked += 1) await people.ask(nodeAt(asked).clusterId);
  const day = nodeDay(pair, await happeningsOf(counted, pair.nodes, pair.hasCloudWitness));
  return [
    ...rows,
    ...people.rows(),
    row("handlers, console and the fleet's own keys: memory", "MiB", [process.memoryUsage().rss / 2 ** 20]),
    row("messages of IoT Core", "per node and day", [messagesPerDay(day)]),
    row("units written", "per node and day", [sumOf(day.map(({ usage }) => usage)).writeUnits ?? 0]),
    row("list price", "USD per node and month", [monthlyCost(day)]),
  ];
}

/** As API Gateway hands it on (HTTP API, 2.0), as far as the handler looks at it. */
function httpRequest(sourceIp: string, path: string, body: object): object {
  const http = { method: "POST", path, protocol: "HTTP/1.1", sourceIp, userAgent: "agent" };
  const requestContext = {
    http,
    domainName: "api.example.com",
    stage: "$default",
    requestId: "bench",
    accountId: "1",
    apiId: "1",
    timeEpoch: 0,
  };
  const headers = { "content-type": "application/json", host: "api.example.com" };
  const request = { version: "2.0", routeKey: `POST ${path}`, rawPath: path, rawQueryString: "", headers, requestContext };
  return { ...request, body: JSON.stringify(body), isBase64Encoded: false };
}
