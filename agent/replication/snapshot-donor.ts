import { createHash } from "node:crypto";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { backup } from "node:sqlite";
import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import { limits } from "../../shared/config/limits.ts";
import { hasTables } from "./database-file.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";
import { quoted, SqliteDatabase } from "./sqlite-database.ts";
import { problemOf } from "./sqlite-problem.ts";
import { digestTables } from "./table-digest.ts";

const compress = promisify(zstdCompress);
/** All pages in one step, on a thread of the pool: the copy is of one instant, and the application goes on meanwhile. */
const allPages = 2_147_483_647;

let donated = 0;

/**
 * Gives a joining node a consistent copy of a replica: vector, log and rows of one instant, without the tables that are local here. The
 * replica goes on following. Ends the stream when done; refuses with the reason where it cannot.
 */
export async function donateSnapshot(replica: Replica, stream: PeerStream, dataDir: string): Promise<void> {
  const about = { dataSet: replica.name, schema: replica.fingerprint };
  const { lineage, vector } = replica.view;
  // What cannot be read is no database to start a cluster from.
  if (!replica.following || lineage === null) {
    // No refusal: the joiner has to tell "nothing here" from "not now" to know whether its own database is the first.
    stream.send({
      type: "state",
      ...about,
      lineage,
      hasDatabase: hasTables(replica.path),
      vector: { ...vector },
      known: {},
      resend: false,
      runningMs: 0,
      holding: true,
    });
    return;
  }
  donated += 1;
  const spool = join(dataDir, `donate-${replica.name}-${donated}.sqlite`);
  try {
    await mkdir(dataDir, { recursive: true });
    await copyConsistently(replica.path, spool, dataDir);
    const tables = await withoutLocalRows(spool, replica.identity.local);
    const file = await open(spool, "r");
    try {
      const { size } = await file.stat();
      stream.send({ type: "snapshot-offer", ...about, lineage, bytesTotal: size, tables });
      const piece = Buffer.alloc(limits.replicationSnapshotChunkBytes);
      for (let offset = 0; offset < size; ) {
        const { bytesRead } = await file.read(piece, 0, piece.length, offset);
        const bytes = piece.subarray(0, bytesRead);
        const data = Uint8Array.from(await compress(bytes));
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        stream.send({ type: "snapshot-chunk", ...about, offset, bytes: bytesRead, sha256, data });
        offset += bytesRead;
        await stream.drained();
      }
      stream.send({ type: "snapshot-end", ...about });
    } finally {
      await file.close();
    }
  } catch (error) {
    stream.refuse(problemOf(error, replica.path).message);
  } finally {
    await Promise.all(["", "-journal", "-wal", "-shm"].map((suffix) => rm(spool + suffix, { force: true })));
  }
}

async function copyConsistently(path: string, spool: string, dataDir: string): Promise<void> {
  const source = new SqliteDatabase(path);
  try {
    const bytes = source.number("PRAGMA page_count") * source.number("PRAGMA page_size");
    const { bavail, bsize } = await statfs(dataDir);
    if (bavail * bsize < bytes * 1.1) {
      throw new Error(
        `a snapshot of ${bytes} bytes does not fit on the disk of ${dataDir} (${bavail * bsize} bytes free): free space there`,
      );
    }
    await rm(spool, { force: true });
    await backup(source.connection, spool, { rate: allPages });
  } finally {
    source.close();
  }
}

/** Empties local tables so that no byte of theirs leaves the node, and describes the others for the joiner's check. */
async function withoutLocalRows(spool: string, local: readonly string[]) {
  const copy = new SqliteDatabase(spool);
  try {
    // The copy is thrown away with the process, so it need not be safe; what it says of its journal is put back at the end.
    const journal = String(copy.get("PRAGMA journal_mode")?.["journal_mode"]);
    copy.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON;");
    const present = new Set(
      copy
        .all("SELECT lower(name) AS name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')")
        .map((row) => String(row["name"])),
    );
    const emptied = local.filter((table) => present.has(table.toLowerCase()));
    for (const table of emptied) {
      for (const { name } of copy.all("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", table)) {
        copy.exec(`DROP TRIGGER ${quoted(String(name))}`);
      }
      copy.exec(`DELETE FROM ${quoted(table)}`);
    }
    // Pages that were freed before may still hold rows of a local table: a rebuilt file holds nothing but what is in use.
    if (emptied.length > 0) copy.exec("VACUUM");
    const tables = await digestTables(copy, local);
    copy.exec(`PRAGMA journal_mode = ${journal === "wal" ? "WAL" : "DELETE"}`);
    return tables;
  } finally {
    copy.close();
  }
}
