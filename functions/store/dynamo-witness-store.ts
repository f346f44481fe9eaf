import type { ClusterId } from "../../shared/domain/ids.ts";
import type { CloudVotes } from "../../shared/domain/witness/cloud-votes.ts";
import { cloudVotesSchema } from "../../shared/protocol/cloud-vote-schema.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { type ItemKey, keyOf } from "./table-keys.ts";
import type { WitnessStore } from "./witness-store.ts";

export class DynamoWitnessStore implements WitnessStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async find(clusterId: ClusterId): Promise<CloudVotes | undefined> {
    const item = await this.#table.get(keyOf.witness(clusterId));
    return item === undefined ? undefined : cloudVotesSchema.parse(JSON.parse(item["votes"] as string));
  }

  async begin(clusterId: ClusterId, votes: CloudVotes): Promise<void> {
    await this.#table.put(itemOf(clusterId, votes), {
      ConditionExpression: "attribute_not_exists(pk) OR witness <> :witness",
      ExpressionAttributeValues: { ":witness": votes.witness },
    });
  }

  async replace(clusterId: ClusterId, votes: CloudVotes): Promise<boolean> {
    return this.#table.put(itemOf(clusterId, votes), {
      ConditionExpression: "witness = :witness AND revision = :previous",
      ExpressionAttributeValues: { ":witness": votes.witness, ":previous": votes.revision - 1 },
    });
  }
}

function itemOf(clusterId: ClusterId, votes: CloudVotes): Item & ItemKey {
  return { ...keyOf.witness(clusterId), witness: votes.witness, revision: votes.revision, votes: JSON.stringify(votes) };
}
