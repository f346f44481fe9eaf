import { text } from "node:stream/consumers";
import type { OwnLook } from "./look-aside.ts";
import { lookBesideOthers } from "./look-at-server.ts";

/*
 * A program of its own, run for each look of an agent that runs: on a disk or a resolver that hangs nothing but this hangs, and takes none of the threads that the agent's own files
 * need. Reads whom it is to look for as JSON from its standard input, and writes the results as one line of JSON.
 */

const { settings, member } = JSON.parse(await text(process.stdin)) as OwnLook;
const looked = await lookBesideOthers({ settings, member, isAgentRunning: true, askControlPlane: null });
// What hangs yet is not waited for.
process.stdout.write(`${JSON.stringify(looked)}\n`, () => process.exit());
