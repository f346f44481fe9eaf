import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parseArgs } from "node:util";

/**
 * The customer's application: a process of its own that opens its own SQLite database and answers HTTP. It knows nothing
 * of replicas, leases or other servers.
 *
 * `POST /notes` commits one row (and touches a row of the database's other tables in the same transaction) before it
 * answers 201; `GET /` tells who answers and how many notes there are.
 */
const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string" },
    database: { type: "string" },
    "server-name": { type: "string" },
  },
});
const port = Number(values.port);
const path = values.database;
const serverName = values["server-name"];
if (!Number.isInteger(port) || path === undefined || serverName === undefined) {
  console.error("usage: customer-application --port N --database FILE --server-name NAME [--host ADDRESS]");
  process.exit(2);
}

const database = new DatabaseSync(path, { timeout: 5_000 });
database.exec("PRAGMA foreign_keys = ON");
const insertNote = database.prepare("INSERT INTO note (text, server, weight) VALUES (?, ?, ?)");
const countNotes = database.prepare("SELECT count(*) AS notes FROM note");
const touches = touchStatements();
let written = 0;

/** One statement per table that rewrites one random row with its own values: a change to the database's real tables, whatever they are. */
function touchStatements(): StatementSync[] {
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_understudy%' ESCAPE '\\' AND name <> 'note'",
    )
    .all();
  return tables.flatMap(({ name }) => {
    const columns = database.prepare("SELECT name, pk FROM pragma_table_info(?)").all(String(name));
    const keys = columns.filter((column) => Number(column["pk"]) > 0).map((column) => quoted(String(column["name"])));
    const plain = columns.find((column) => Number(column["pk"]) === 0);
    if (keys.length === 0 || plain === undefined) return [];
    const [table, column] = [quoted(String(name)), quoted(String(plain["name"]))];
    return [
      database.prepare(
        `UPDATE ${table} SET ${column} = ${column} WHERE (${keys.join(", ")}) = (SELECT ${keys.join(", ")} FROM ${table} ORDER BY random() LIMIT 1)`,
      ),
    ];
  });
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function writeNote(text: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    insertNote.run(text, serverName ?? "", written / 7);
    touches[written % Math.max(1, touches.length)]?.run();
    database.exec("COMMIT");
    written += 1;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 1_000) throw new Error("the note is too long");
  }
  return text;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "POST" && request.url === "/notes") {
    writeNote(await bodyOf(request));
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ server: serverName }));
    return;
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ server: serverName, ...countNotes.get() }));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.writeHead(503, { "content-type": "application/json" }).end(JSON.stringify({ error: String(error) }));
  });
});
server.on("error", (error) => {
  console.error(`customer-application: cannot listen on ${values.host}:${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, values.host);

process.on("SIGTERM", () => {
  server.close(() => {
    database.close();
    process.exit(0);
  });
  server.closeAllConnections();
});
