import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "../start-error.ts";

/**
 * A message is kept as long as one delivery of it is still to be made or lies among the dead letters (`dead_at`).
 * Times are Unix milliseconds.
 */
const queueSchema = `
  CREATE TABLE topics (
    topic_arn TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    signature_version TEXT NOT NULL
  ) STRICT;
  CREATE TABLE subscriptions (
    subscription_arn TEXT PRIMARY KEY,
    topic_arn TEXT NOT NULL REFERENCES topics ON DELETE CASCADE,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    filter_policy TEXT,
    raw_delivery INTEGER NOT NULL,
    state TEXT NOT NULL,
    token TEXT NOT NULL,
    token_expires_at INTEGER NOT NULL,
    unsubscribe_needs_signature INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic_arn, protocol, endpoint)
  ) STRICT;
  CREATE INDEX subscriptions_by_token ON subscriptions (token);
  CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    subject TEXT,
    bodies TEXT NOT NULL,
    attributes TEXT NOT NULL,
    published_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE deliveries (
    delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL REFERENCES messages,
    subscription_arn TEXT NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    failures INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    last_error TEXT,
    dead_at INTEGER
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (due_at) WHERE dead_at IS NULL;
  CREATE INDEX deliveries_of_subscription ON deliveries (subscription_arn);
  CREATE INDEX deliveries_of_message ON deliveries (message_id);
  CREATE TRIGGER message_settled AFTER DELETE ON deliveries BEGIN
    DELETE FROM messages
    WHERE message_id = OLD.message_id AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = OLD.message_id);
  END;
`;

/** What has been taken before (`published`, by the attribute that names it) and what has arrived (`delivered`), for as long as the endpoint remembers them. */
const memorySchema = `
  CREATE TABLE published (
    topic_arn TEXT NOT NULL REFERENCES topics ON DELETE CASCADE,
    name TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    message_id TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (topic_arn, name, content_sha256)
  ) STRICT;
  CREATE TABLE delivered (
    message_id TEXT NOT NULL,
    subscription_arn TEXT NOT NULL,
    topic_arn TEXT NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    delivered_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, subscription_arn)
  ) STRICT;
`;

/** Each one makes the next version of the file's schema. */
const schemas = [queueSchema, memorySchema] as const;

/**
 * Opens the endpoint's state, for one process alone. Every commit is on the disk before it returns (FULL), so that what
 * Publish has answered survives a kill or a power loss. Throws where another process has it, or a newer version wrote it.
 */
export function openSnsDatabase(dataDir: string): DatabaseSync {
  const path = join(dataDir, "sns.sqlite");
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    inTransaction(db, () => migrate(db, path));
    return db;
  } catch (cause) {
    db.close();
    if (cause instanceof Error && cause.message.includes("locked")) {
      throw new StartError(`${path} is in use by another process: stop that one, or give this one a data directory of its own`, cause);
    }
    if (cause instanceof StartError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      `${path} cannot be opened: ${reason}. Put it back from a backup, or remove it: subscriptions are then gone.`,
      cause,
    );
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > schemas.length)
    throw new StartError(`${path} has schema version ${version}, and this program knows ${schemas.length}: run the newer program`);
  for (const schema of schemas.slice(version)) db.exec(schema);
  db.exec(`PRAGMA user_version = ${schemas.length}`);
}

/** All of `work`, or nothing. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (cause) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw cause;
  }
}
