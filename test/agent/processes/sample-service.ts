import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

/* A customer's service for tests: `sample-service.ts PORT NAME [broken]` answers its name over HTTP; a broken one cannot start. */
const [port = "0", name = "", manner = ""] = process.argv.slice(2);
if (manner === "broken") {
  process.stderr.write("cannot open the licence file\n");
  process.exit(7);
}
const server = createServer((_request, response) => response.end(name));
server.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(8);
});
server.listen(Number(port), "127.0.0.1");
const pidFile = process.env["PID_FILE"];
if (pidFile !== undefined) appendFileSync(pidFile, `${process.pid}\n`);
