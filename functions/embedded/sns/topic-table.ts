import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SignatureVersion } from "./signed-message.ts";

export interface Topic {
  readonly topicArn: string;
  readonly displayName: string;
  readonly signatureVersion: SignatureVersion;
}

type TopicRow = { topic_arn: string; display_name: string; signature_version: SignatureVersion };

export class TopicTable {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #page: StatementSync;
  readonly #count: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare("SELECT * FROM topics WHERE topic_arn = ?");
    this.#put = db.prepare(`INSERT INTO topics VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET display_name = excluded.display_name, signature_version = excluded.signature_version`);
    this.#delete = db.prepare("DELETE FROM topics WHERE topic_arn = ?");
    this.#page = db.prepare("SELECT * FROM topics WHERE topic_arn > ? ORDER BY topic_arn LIMIT ?");
    this.#count = db.prepare("SELECT count(*) AS topics FROM topics");
  }

  find(topicArn: string): Topic | null {
    const row = this.#find.get(topicArn) as TopicRow | undefined;
    return row === undefined ? null : topicOf(row);
  }

  put(topic: Topic): void {
    this.#put.run(topic.topicArn, topic.displayName, topic.signatureVersion);
  }

  /** With its subscriptions and what waits for them. */
  delete(topicArn: string): void {
    this.#delete.run(topicArn);
  }

  /** In the order of their ARNs, those after `afterArn`. */
  page(afterArn: string, limit: number): readonly Topic[] {
    return (this.#page.all(afterArn, limit) as TopicRow[]).map(topicOf);
  }

  count(): number {
    return Number(this.#count.get()?.["topics"]);
  }
}

function topicOf(row: TopicRow): Topic {
  return { topicArn: row.topic_arn, displayName: row.display_name, signatureVersion: row.signature_version };
}
