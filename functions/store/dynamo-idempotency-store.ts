import type { DynamoTable } from "./dynamo-table.ts";
import type { IdempotencyStore, KeyedRequest } from "./idempotency-store.ts";
import { keyOf, removableAttribute } from "./table-keys.ts";

export class DynamoIdempotencyStore implements IdempotencyStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async begin(keySha256: string, request: KeyedRequest, nowMs: number): ReturnType<IdempotencyStore["begin"]> {
    const key = keyOf.idempotency(keySha256);
    const begun = await this.#table.put(
      { ...key, ...request, [removableAttribute]: Math.ceil(request.expiresAtMs / 1_000) },
      { ConditionExpression: "attribute_not_exists(pk) OR expiresAtMs <= :now", ExpressionAttributeValues: { ":now": nowMs } },
    );
    if (begun) return "begun";
    const {
      requestSha256,
      startedAtMs,
      expiresAtMs,
      answer = null,
    } = ((await this.#table.get(key)) ?? request) as unknown as KeyedRequest & {
      readonly answer?: string;
    };
    return { requestSha256, startedAtMs, expiresAtMs, answer };
  }

  async finish(keySha256: string, answer: string): Promise<void> {
    await this.#table.update(keyOf.idempotency(keySha256), {
      UpdateExpression: "SET answer = :answer",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeValues: { ":answer": answer },
    });
  }
}
