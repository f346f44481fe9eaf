import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/**
 * What Lambda does with a function's file, as a process of its own: imports it, then takes one event a line on standard input and answers each with a line on file
 * descriptor 3. The first line says how long the import took.
 */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("give the bundle's path");
const { createWriteStream } = await import("node:fs");
const answers = createWriteStream("", { fd: 3 });
const before = performance.now();
const { handler } = (await import(pathToFileURL(file).href)) as { handler: (event: unknown, context: object) => Promise<unknown> };
answers.write(`${JSON.stringify({ importMs: performance.now() - before })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await handler(JSON.parse(line), { awsRequestId: "recorded" }).then(
    (result) => ({ result: result ?? null }),
    (error: unknown) => ({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }),
  );
  answers.write(`${JSON.stringify(answer)}\n`);
}
