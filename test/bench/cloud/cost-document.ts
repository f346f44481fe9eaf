import { assumed, type CostRow, daysPerMonth, messagesPerDay, monthlyCost } from "./cost-model.ts";
import { lambdaAssumptions } from "./counted-plane.ts";
import { entriesOf, listPrices, priceOf, type Resource, sumOf, type Usage } from "./list-prices.ts";
import type { Site } from "./node-day.ts";

export interface SiteCost {
  readonly site: Site;
  readonly rows: readonly CostRow[];
}

/** The goal, in USD of a node and month. */
export const goalPerMonth = 0.01;

const names: Readonly<Record<Resource, string>> = {
  iotConnectionMinutes: "IoT Core, minute of a connection",
  iotMessages: "IoT Core, message of up to 5 KB",
  iotRules: "IoT Core, rule triggered",
  iotActions: "IoT Core, action of a rule",
  queueRequests: "SQS, request",
  lambdaRequests: "Lambda, invocation",
  lambdaGbSeconds: "Lambda, GB-second (arm64)",
  readUnits: "DynamoDB, unit read (on demand)",
  writeUnits: "DynamoDB, unit written (on demand)",
  apiRequests: "API Gateway, request (HTTP API)",
  snsPublishes: "SNS, publish",
  snsDeliveries: "SNS, delivery by HTTP",
  signatures: "KMS, asymmetric signature",
  logGb: "CloudWatch Logs, GB taken in",
  storageGbMonths: "DynamoDB, GB and month, with continuous backups",
};

/** The text between the marks of functions/COST.md. */
export function costTables(sites: readonly SiteCost[]): string {
  return [summary(sites), ...sites.map(detail), prices()].join("\n\n");
}

function summary(sites: readonly SiteCost[]): string {
  const rows = sites.map(({ site, rows: own }) => {
    const total = monthlyCost(own);
    const largest = own.toSorted((one, other) => priceOf(other.usage) - priceOf(one.usage))[0]?.what ?? "";
    return [site.what, usd(total), total < goalPerMonth ? "yes" : "no", shown(messagesPerDay(own)), written(own), largest];
  });
  const heading = [
    "site",
    "USD per node and month",
    `under ${goalPerMonth}`,
    "IoT messages per node and day",
    "writes per node and day",
    "most of it",
  ];
  return tableOf(heading, rows);
}

function written(rows: readonly CostRow[]): string {
  return shown(sumOf(rows.map(({ usage }) => usage)).writeUnits ?? 0);
}

function detail({ site, rows }: SiteCost): string {
  const cells = rows.map(({ what, times: count, usage }) => {
    const each = (resource: Resource) => shown((usage[resource] ?? 0) / count);
    const counts = [each("iotMessages"), each("lambdaRequests"), each("readUnits"), each("writeUnits")];
    return [what, shown(count), ...counts, usd(daysPerMonth * priceOf(usage))];
  });
  const total = ["", "", "", "", "", "", usd(monthlyCost(rows))];
  const heading = [
    "what happens",
    "per node and day",
    "IoT messages each",
    "invocations each",
    "units read each",
    "units written each",
    "USD per node and month",
  ];
  return `### ${site.what}\n\n${tableOf(heading, [...cells, total])}`;
}

function prices(): string {
  const cells = entriesOf(listPrices.each as Usage).map(([resource, price]) => [names[resource], millionth(price)]);
  const { ownMs, requestMs, memoryGb } = lambdaAssumptions;
  return [
    `### Prices and assumptions\n\n${listPrices.region}, as known in ${listPrices.asOf}, without free tiers and discounts; nobody has looked them up for this table: check them.`,
    tableOf(["one of", "USD"], cells),
    `Assumed: an invocation takes ${ownMs} ms and ${requestMs} ms for each request to the table, with ${memoryGb * 1_024} MB. A node's way to the cloud breaks ${count(assumed.reconnects)} a day; ${assumed.events} events of a node are ` +
      `told a day; a cluster has a takeover, and a change of its document, once a month, and its state is read ${assumed.pageReads} times a day; ${assumed.keptKb} KB are kept for a node; ` +
      `what the whole fleet shares is shared by ${assumed.fleetNodes} nodes. Not counted: names and certificates, dashboards and alarms, data that leaves the region, concurrency that is kept ready.`,
  ].join("\n\n");
}

function count(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}

function usd(amount: number): string {
  return amount.toFixed(4);
}

function millionth(price: number): string {
  return price < 0.01 ? `${Number((price * 1e6).toPrecision(4))} per million` : String(price);
}

function shown(amount: number): string {
  if (amount === 0) return "-";
  return amount >= 10 ? amount.toFixed(0) : String(Number(amount.toPrecision(2)));
}

function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) => Math.max(3, ...[heading, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(heading), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
