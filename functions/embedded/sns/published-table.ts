import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredMessage } from "./delivery-table.ts";

/** What has been published before, by the value of the attribute that names it and by its content: a sender whose numbers begin anew repeats nothing. */
export class PublishedTable {
  readonly #find: StatementSync;
  readonly #note: StatementSync;
  readonly #purge: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare("SELECT message_id FROM published WHERE topic_arn = ? AND name = ? AND content_sha256 = ?");
    this.#note = db.prepare("INSERT INTO published VALUES (?, ?, ?, ?, ?)");
    this.#purge = db.prepare("DELETE FROM published WHERE published_at <= ?");
  }

  /** Notes it under its name, and answers null; or the id of an earlier one with this name and content. The caller gives the transaction, which enqueues it as well. */
  noteUnlessKnown(topicArn: string, name: string, message: StoredMessage): string | null {
    const sha256 = createHash("sha256").update(JSON.stringify(message.bodies)).digest("hex");
    const known = this.#find.get(topicArn, name, sha256);
    if (known !== undefined) return String(known["message_id"]);
    this.#note.run(topicArn, name, sha256, message.messageId, message.publishedAtMs);
    return null;
  }

  /** Forgets what was published at `beforeMs` or earlier. Returns how many. */
  purge(beforeMs: number): number {
    return Number(this.#purge.run(beforeMs).changes);
  }
}
