import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { completeSummaries } from "../../functions/use-cases/sweep-summaries.ts";
import { createUser } from "../../functions/use-cases/users.ts";
import { chromiumMissing, startChromium } from "../browser/chromium.ts";
import { type Login, logIn } from "../browser/log-in.ts";
import { HttpVisitor } from "../functions/console/http-visitor.ts";
import { startRealConsole } from "../functions/console/real-console.ts";
import { clusterId } from "../functions/console/sample-cluster.ts";
import { startControlPlane } from "../functions/control-plane.ts";
import { degradedIn, type FleetSize, fillFleet } from "../functions/fleet/fill-fleet.ts";
import { parseCall } from "../parse-call.ts";
import { quantilesOf } from "./quantiles.ts";

interface Options {
  readonly customers: number;
  readonly clusters: number;
  readonly views: number;
  readonly json?: string;
}

interface Row {
  readonly what: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly n: number;
}

const root = { name: "bench", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
const login: Login = { email: "noc@example.com", password: "" };

const program = new Command("npm run bench:fleet --")
  .description(
    `A fleet of customers with clusters, two of them degraded, in the embedded control plane's store: how long its pages take on the server, as an HTTP client has them, and in Chromium, from the navigation until both degraded clusters are painted.

The documents, reports, presence and events are written into the store 25 at a time; the summaries are made of them by the control plane itself, as at the first start after an upgrade.

Exit code: 0 when everything was measured, 1 when something could not be, 2 for a wrong call.`,
  )
  .option("--customers <count>", "how many", wholeNumber(), 200)
  .option("--clusters <count>", "of each customer", wholeNumber(), 25)
  .option("--views <count>", "of each page", wholeNumber(), 200)
  .option("--json <file>", "write the rows there");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main({ customers, clusters, views, json }: Options): Promise<number> {
  try {
    const rows = await measure({ customers, clustersPerCustomer: clusters }, views);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`);
    console.log(
      table(
        ["what", "p50 ms", "p99 ms", "n"],
        rows.map(({ what, p50Ms, p99Ms, n }) => [what, p50Ms.toFixed(1), p99Ms.toFixed(1), String(n)]),
      ),
    );
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function measure(size: FleetSize, views: number): Promise<readonly Row[]> {
  await using ends = new AsyncDisposableStack();
  const plane = await startControlPlane(async (path) => {
    const startedAt = performance.now();
    const items = await fillFleet(path, size, { withSummaries: false });
    console.error(`${items} items written in ${seconds(startedAt)} s`);
  });
  ends.defer(() => plane.close());
  const rebuiltAt = performance.now();
  await completeSummaries(plane.dependencies);
  console.error(`${size.customers * size.clustersPerCustomer} summaries made in ${seconds(rebuiltAt)} s`);

  const site = await startRealConsole(plane);
  ends.defer(() => site.close());
  const { password } = await createUser(site.dependencies, root, { email: login.email, access: root.access });
  const visitor = new HttpVisitor(site.url);
  await visitor.logIn("/users", { ...login, password });
  const asked = (path: string) => async () => {
    const answer = await visitor.request(path);
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`);
  };
  const rows: Row[] = [await timed("fleet page, the first one of the process", 1, asked("/"))];
  // The clock has not moved since every summary was made.
  rows.push(await timed("fleet page, every cluster has changed within 5 s", Math.min(views, 20), asked("/")));
  plane.clock.nowMs += 60_000;
  await asked("/")();
  const paths = {
    "fleet page": "/",
    "what it asks each second": "/fleet/live",
    "search for a node": "/?q=pbx-77-b",
    "last page": "/?page=100000",
  };
  for (const [what, path] of Object.entries(paths)) rows.push(await timed(what, views, asked(path)));
  if (chromiumMissing !== null) {
    console.error(`Chromium is not measured: ${chromiumMissing}. Next step: apt-get install chromium`);
    return rows;
  }
  return [...rows, await inChromium(site.url, size, { ...login, password }, Math.min(views, 20))];
}

async function inChromium(url: string, size: FleetSize, withPassword: Login, views: number): Promise<Row> {
  const chromium = await startChromium({ width: 1280, height: 800, colorScheme: "light" });
  try {
    const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
    await logIn(page, url, "/customers", withPassword);
    const ill = degradedIn(size).map((number) => `#row-${clusterId(number)} .badge-warn`);
    return await timed("Chromium, until both degraded clusters are to be seen", views, async () => {
      await page.goto(url);
      for (const badge of ill) await page.locator(badge).waitFor();
    });
  } finally {
    await chromium.close();
  }
}

async function timed(what: string, n: number, work: () => Promise<void>): Promise<Row> {
  const samples: number[] = [];
  for (let run = 0; run < n; run += 1) {
    const startedAt = performance.now();
    await work();
    samples.push(performance.now() - startedAt);
  }
  const { p50, p99 } = quantilesOf(samples);
  return { what, p50Ms: p50, p99Ms: p99, n };
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1_000).toFixed(1);
}
