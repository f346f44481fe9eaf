import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serviceSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { GuardedGroups } from "../../../agent/node/guarded-groups.ts";
import type { GuardianNotice } from "../../../agent/node/guardian-protocol.ts";
import { inheritedPriority } from "../../../agent/resources/command.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import { dataPaths, openDataDirectory } from "../../../agent/storage/data-directory.ts";
import { directoryMark } from "../../../agent/storage/directory-mark.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

const group = "default" as GroupName;
/** A takeover waits for less than this, whatever the disk does; a hanging disk would have it wait for ever. */
const startedWithinMs = 2_000;
const settledWithinMs = 10_000;
const program = new URL("../processes/ordered-service.ts", import.meta.url).pathname;

interface Started {
  readonly start: readonly string[];
  readonly health?: readonly string[];
}

function startAll(groups: GuardedGroups, names: readonly string[]): void {
  groups.obey({ type: "hold", group, epoch: 1, untilUs: monotonicUs() + usFromMs(60_000), testament: "" });
  groups.obey({ type: "start", group, epoch: 1, resources: names.map((name) => ({ kind: "service", name })) });
}

describe("a guardian's groups", () => {
  let dataDir = "";
  let notices: GuardianNotice[] = [];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "understudy-groups-"));
    await openDataDirectory(dataDir);
    notices = [];
  });
  // The last record of what runs is written without anybody's waiting for it.
  afterEach(() => rmSync(dataDir, { recursive: true, maxRetries: 10, retryDelay: 50 }));

  /** With these services in the settings. */
  const groupsOf = async (services: Readonly<Record<string, Started>>): Promise<GuardedGroups> => {
    const paths = dataPaths(dataDir);
    const configuration = {
      services: Object.fromEntries(Object.entries(services).map(([name, started]) => [name, serviceSettingsSchema.parse(started)])),
      directoryMark: await directoryMark(dataDir),
      dataDir,
      recordFile: paths.resources,
      socket: paths.guardianSocket,
      secret: "",
      nodeId: "node_00000000000000000001" as NodeId,
      adoptSocket: paths.adoptSocket,
      identities: [await createIdentity(paths)],
    };
    return new GuardedGroups({
      configuration: () => configuration,
      notify: (notice) => notices.push(notice),
      priority: inheritedPriority,
    });
  };
  const until = (type: GuardianNotice["type"], timeout: number) =>
    expect.poll(() => notices.map((notice) => notice.type), { timeout }).toContain(type);
  /** What the services have noted of themselves. */
  const noted = (): readonly string[] => {
    const file = join(dataDir, "course");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };
  /** One that notes what becomes of it, and is well once it has noted that it is up. */
  const service = (name: string, ...manner: string[]): Started => ({
    start: [process.execPath, program, name, join(dataDir, "course"), ...manner],
    health: ["/bin/grep", "-qx", `${name} up`, join(dataDir, "course")],
  });

  it("a disk that hangs: what was ordered starts all the same, and without a noticeable wait", async () => {
    // Opening a pipe that nobody reads waits in the kernel, as a write to a hanging disk does.
    const hanging = `${dataPaths(dataDir).resources}.tmp`;
    execFileSync("mkfifo", [hanging]);
    const groups = await groupsOf({ sample: { start: ["/bin/sleep", "60"] } });
    try {
      startAll(groups, ["sample"]);
      await until("started", startedWithinMs);
    } finally {
      await groups.takeAllDown();
      // Lets the write that waits go on: it is this process's own.
      closeSync(openSync(hanging, constants.O_RDWR | constants.O_NONBLOCK));
    }
  });

  describe("of two services, the second of which needs the first", () => {
    it("each starts when the one before it is well, and stops when the one after it is down", async () => {
      const groups = await groupsOf({ database: service("database"), telephony: service("telephony") });
      try {
        startAll(groups, ["database", "telephony"]);
        await until("started", settledWithinMs);
        expect(noted()).toEqual(["database up", "telephony up"]);
        groups.obey({ type: "stop", group, epoch: 1, deadlineUs: monotonicUs() + usFromMs(settledWithinMs) });
        await until("stopped", settledWithinMs);
        expect(noted().slice(2)).toEqual(["telephony told", "telephony down", "database told", "database down"]);
        expect(groups.isRunning).toBe(false);
      } finally {
        await groups.takeAllDown();
      }
    });

    it("the second does not start: it is named with its last words, once the first is down again", async () => {
      const groups = await groupsOf({ database: service("database"), telephony: service("telephony", "broken") });
      let notedWhenTold: readonly string[] = [];
      try {
        startAll(groups, ["database", "telephony"]);
        await until("start-failed", settledWithinMs);
        notedWhenTold = noted();
        expect(notices.find(({ type }) => type === "start-failed")).toMatchObject({
          epoch: 1,
          resource: { kind: "service", name: "telephony" },
          reason: expect.stringMatching(/code 7.*cannot open the licence file/) as string,
        });
        expect(notedWhenTold).toEqual(["database up", "database told", "database down"]);
        expect(groups.isRunning).toBe(false);
        expect(notices.map(({ type }) => type)).not.toContain("started");
      } finally {
        await groups.takeAllDown();
      }
    });

    it("the lease has next to nothing left: none waits for its turn, and both are down before its end", async () => {
      const groups = await groupsOf({ database: service("database"), telephony: service("telephony") });
      try {
        startAll(groups, ["database", "telephony"]);
        await until("started", settledWithinMs);
        const deadlineUs = monotonicUs() + usFromMs(150);
        groups.obey({ type: "stop", group, epoch: 1, deadlineUs });
        await until("stopped", settledWithinMs);
        expect(noted()).toContain("database told");
        expect(groups.isRunning).toBe(false);
      } finally {
        await groups.takeAllDown();
      }
    });
  });
});
