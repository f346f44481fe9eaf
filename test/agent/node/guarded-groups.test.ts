import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serviceSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { GuardedGroups } from "../../../agent/node/guarded-groups.ts";
import type { GuardianNotice } from "../../../agent/node/guardian-protocol.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import { dataPaths, openDataDirectory } from "../../../agent/storage/data-directory.ts";
import { directoryMark } from "../../../agent/storage/directory-mark.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

const group = "default" as GroupName;
/** A takeover waits for less than this, whatever the disk does; a hanging disk would have it wait for ever. */
const startedWithinMs = 2_000;

describe("a guardian's groups", () => {
  let dataDir = "";

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "understudy-groups-"));
    await openDataDirectory(dataDir);
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it("a disk that hangs: what was ordered starts all the same, and without a noticeable wait", async () => {
    const paths = dataPaths(dataDir);
    // Opening a pipe that nobody reads waits in the kernel, as a write to a hanging disk does.
    const hanging = `${paths.resources}.tmp`;
    execFileSync("mkfifo", [hanging]);
    const notices: GuardianNotice[] = [];
    const identity = await createIdentity(paths);
    const mark = await directoryMark(dataDir);
    const configuration = {
      services: { sample: serviceSettingsSchema.parse({ start: ["/bin/sleep", "60"] }) },
      directoryMark: mark,
      dataDir,
      recordFile: paths.resources,
      socket: paths.guardianSocket,
      secret: "",
      nodeId: "node_00000000000000000001" as NodeId,
      adoptSocket: paths.adoptSocket,
      identity,
    };
    const groups = new GuardedGroups({
      configuration: () => configuration,
      notify: (notice) => notices.push(notice),
      spawnScope: (spawned) => spawned(),
    });
    try {
      groups.obey({ type: "hold", group, epoch: 1, untilUs: monotonicUs() + usFromMs(60_000), testament: "" });
      groups.obey({ type: "start", group, epoch: 1, resources: [{ kind: "service", name: "sample" }] });
      await expect.poll(() => notices.map(({ type }) => type), { timeout: startedWithinMs }).toContain("started");
    } finally {
      await groups.takeAllDown();
      // Lets the write that waits go on: it is this process's own.
      closeSync(openSync(hanging, constants.O_RDWR | constants.O_NONBLOCK));
    }
  });
});
