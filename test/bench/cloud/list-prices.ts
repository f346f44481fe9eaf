/**
 * What AWS asks for one of each, in USD, before any free tier or discount. Written down from memory of the public price lists; nobody has looked them up for this
 * table: check them before you promise anybody anything.
 */
export const listPrices = {
  region: "us-east-1",
  asOf: "2025-11",
  each: {
    /** AWS IoT Core: one connection for one minute. Pings at intervals of 30 s and more are free. */
    iotConnectionMinutes: 0.08e-6,
    /** Of up to 5 KB each, either way; connecting, subscribing and a device's own acknowledgements count, the service's do not. */
    iotMessages: 1e-6,
    /** A rule that a message has matched, and an action that it has carried out; each by 5 KB. */
    iotRules: 0.15e-6,
    iotActions: 0.15e-6,
    /** SQS: to put one in, to get it, and to have it gone are one each. */
    queueRequests: 0.4e-6,
    lambdaRequests: 0.2e-6,
    /** On arm64. */
    lambdaGbSeconds: 13.3334e-6,
    /** DynamoDB on demand: 4 KB read with strong consistency, half of it otherwise. */
    readUnits: 0.125e-6,
    /** 1 KB written, in the table and in its index. */
    writeUnits: 0.625e-6,
    /** API Gateway, HTTP API. */
    apiRequests: 1e-6,
    snsPublishes: 0.5e-6,
    /** To HTTP(S); e-mail costs 20 USD per million. */
    snsDeliveries: 0.6e-6,
    /** KMS, an asymmetric signature. */
    signatures: 15e-6,
    /** CloudWatch Logs, taken in. */
    logGb: 0.5,
    /** DynamoDB's standard storage, and its continuous backups. */
    storageGbMonths: 0.25 + 0.2,
  },
} as const;

export type Resource = keyof typeof listPrices.each;

/** How much of each is used; what is not named is not used. */
export type Usage = Readonly<Partial<Record<Resource, number>>>;

export function sumOf(usages: readonly Usage[]): Usage {
  const total: Partial<Record<Resource, number>> = {};
  for (const usage of usages) {
    for (const [resource, amount] of entriesOf(usage)) total[resource] = (total[resource] ?? 0) + amount;
  }
  return total;
}

export function times(count: number, usage: Usage): Usage {
  return Object.fromEntries(entriesOf(usage).map(([resource, amount]) => [resource, count * amount]));
}

export function priceOf(usage: Usage): number {
  return entriesOf(usage).reduce((sum, [resource, amount]) => sum + amount * listPrices.each[resource], 0);
}

export function entriesOf(usage: Usage): readonly [Resource, number][] {
  return Object.entries(usage) as [Resource, number][];
}
