import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FilesAnswer } from "../../agent/files/files-request.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { pictureOf } from "../agent/files/shared-manifest.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { waitFor } from "../demo/waiting.ts";

const names = ["node-a", "node-b", "node-c"] as const;
const prompts = { kind: "files", name: "prompts", group: "default" as GroupName, local: ["*.local"] } as const;
const largeBytes = 120_000_000;
const withinMs = 20_000;

const root = mkdtempSync(join(tmpdir(), "understudy-prompts-"));
let cluster: LocalCluster;
let writer: string;

const treeAt = (servicePort: string | number): string => join(root, String(servicePort));
const treeOf = (name: string): string => treeAt(new URL(cluster.serviceUrlOf(name)).port);
const others = (): string[] => names.filter((name) => name !== writer);

beforeAll(async () => {
  cluster = await LocalCluster.create(
    3,
    { dataSets: [prompts], timing: "patient" },
    { settingsOf: (servicePort) => ({ dataSets: { prompts: { path: treeAt(servicePort) } } }) },
  );
  await cluster.startAll();
  writer = await cluster.operational();
}, 90_000);
afterAll(async () => {
  await cluster.end();
  rmSync(root, { recursive: true, force: true });
});

/** As `waitFor`; where it waits in vain, with what every node says of its tree. */
async function wait<T>(what: string, ask: () => T | undefined, everyMs?: number): Promise<T> {
  try {
    return await waitFor(what, withinMs, ask, everyMs);
  } catch (error) {
    const told = await Promise.all(
      names.map(async (name) => {
        const files = await cluster
          .client(name)
          .files({ kind: "status" })
          .catch((reason: unknown) => String(reason));
        return `${name}: ${JSON.stringify(files)}\n${cluster.logOf(name).slice(-1_000)}`;
      }),
    );
    throw new Error(`${String(error)}\nwriter: ${writer}\n${told.join("\n")}`, { cause: error });
  }
}

/** Undefined where something goes while it is looked at. */
function picture(name: string): Record<string, string> | undefined {
  try {
    return pictureOf(treeOf(name));
  } catch {
    return undefined;
  }
}

async function equalTrees(which: readonly string[] = names): Promise<Record<string, string>> {
  return wait("equal trees", () => {
    const [first, ...rest] = which.map(picture);
    return first !== undefined && rest.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined;
  });
}

async function verified(name: string): Promise<FilesAnswer> {
  return JSON.parse(await filesCommand(name, "verify", "--json")) as FilesAnswer;
}

/** Rejects where it ends with another code than 0. */
async function filesCommand(name: string, ...args: readonly string[]): Promise<string> {
  const [program = "", agent = "", , option = "", config = ""] = cluster.argvOf(name, "files");
  const { stdout } = await promisify(execFile)(process.execPath, [program, agent, "files", ...args, option, config], { timeout: withinMs });
  return stdout;
}

it("the folder of prompts of the operational node is everywhere: made, changed, renamed, removed", async () => {
  const tree = treeOf(writer);
  await wait("the writer's tree", () => existsSync(join(tree, ".understudy")) || undefined);
  mkdirSync(join(tree, "voice/de"), { recursive: true });
  writeFileSync(join(tree, "voice/de/hello.wav"), randomBytes(700_000));
  writeFileSync(join(tree, "voice/de/bye.wav"), "bye");
  writeFileSync(join(tree, "own.local"), "stays");
  writeFileSync(join(tree, "hostile\nname"), "x");
  await waitFor(
    "the first files",
    withinMs,
    () => others().every((name) => existsSync(join(treeOf(name), "voice/de/bye.wav"))) || undefined,
  );
  renameSync(join(tree, "voice/de"), join(tree, "voice/at"));
  rmSync(join(tree, "voice/at/bye.wav"));
  writeFileSync(join(tree, "voice/at/hello.wav"), "new");
  await waitFor(
    "the change",
    withinMs,
    () =>
      others().every((name) => existsSync(join(treeOf(name), "voice/at/hello.wav")) && !existsSync(join(treeOf(name), "voice/de"))) ||
      undefined,
  );
  const [first] = others();
  expect(Object.keys(picture(first ?? "") ?? {})).toEqual(["voice", "voice/at", "voice/at/hello.wav"]);
  expect(await filesCommand(writer, "status")).toContain("hostile\\nname: its name has a control character");
  rmSync(join(tree, "hostile\nname"));
  rmSync(join(tree, "own.local"));
});

it("a receiver that is killed in the middle of a large file goes on where it was", async () => {
  const [receiver = ""] = others();
  const tree = treeOf(receiver);
  const incoming = join(tree, ".understudy/incoming");
  writeFileSync(join(treeOf(writer), "large.wav"), randomBytes(largeBytes));
  const arrived = (): number => readdirSync(incoming).reduce((sum, file) => sum + statSync(join(incoming, file)).blocks * 512, 0);
  await wait("a part of the large file", () => arrived() > largeBytes / 10 || undefined, 1);
  cluster.agent(receiver).kill("SIGKILL");
  expect(existsSync(join(tree, "large.wav"))).toBe(false);
  expect(arrived()).toBeGreaterThan(largeBytes / 10);
  await cluster.start(receiver);
  await equalTrees();
  expect(statSync(join(tree, "large.wav")).size).toBe(largeBytes);
  expect((await verified(receiver))[0]?.verification).toMatchObject({ differences: 0, files: 2 });
  rmSync(join(treeOf(writer), "large.wav"));
});

it("planned switchover: what was written a moment before is on the next node when that one begins", async () => {
  await equalTrees();
  const [next = ""] = others();
  const last = randomBytes(3_000_000);
  writeFileSync(join(treeOf(writer), "last.wav"), last);
  const { code, stderr } = await cluster.command(writer, "switchover", "--group", "default", "--to", next);
  expect([code, stderr]).toEqual([0, ""]);
  expect(readFileSync(join(treeOf(next), "last.wav")).equals(last)).toBe(true);
  writer = next;
  writeFileSync(join(treeOf(writer), "by-the-next"), "x");
  await equalTrees();
});

it("takeover: the next node's tree counts, and what the dead one alone had is set aside there when it is back", async () => {
  await equalTrees();
  const dead = writer;
  cluster.agent(dead).kill("SIGKILL");
  writeFileSync(join(treeOf(dead), "unsent"), "only on the dead one");
  writer = await cluster.answersFrom(others(), withinMs);
  writeFileSync(join(treeOf(writer), "after"), "after the takeover");
  await equalTrees(names.filter((name) => name !== dead));
  await cluster.start(dead);
  expect(Object.keys(await equalTrees())).toContain("after");
  const journal = readFileSync(join(treeOf(dead), ".understudy/conflicts.jsonl"), "utf8");
  const { path, keptAs } = JSON.parse(journal.trim().split("\n").at(-1) ?? "{}") as { path: string; keptAs: string };
  expect([path, readFileSync(join(treeOf(dead), keptAs), "utf8")]).toEqual(["unsent", "only on the dead one"]);
});
