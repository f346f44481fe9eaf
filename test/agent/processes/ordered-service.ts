import { appendFileSync } from "node:fs";

/*
 * A service that notes in a file what becomes of it: `ordered-service.ts NAME FILE [broken]` writes `NAME up`, and when it is told to end `NAME told`
 * and, a moment later, `NAME down`. A broken one cannot start.
 */
const endingTakesMs = 150;
const [name = "", file = "", manner = ""] = process.argv.slice(2);
const note = (what: string): void => appendFileSync(file, `${name} ${what}\n`);
if (manner === "broken") {
  process.stderr.write("cannot open the licence file\n");
  process.exit(7);
}
let isTold = false;
process.on("SIGTERM", () => {
  // It may be told again while it ends.
  if (isTold) return;
  isTold = true;
  note("told");
  setTimeout(() => {
    note("down");
    process.exit(0);
  }, endingTakesMs);
});
note("up");
setInterval(() => {}, 60_000);
