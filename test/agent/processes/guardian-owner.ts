import { randomBytes } from "node:crypto";
import { serviceSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { GuardianLink } from "../../../agent/node/guardian-link.ts";
import { GuardianProcess } from "../../../agent/node/guardian-process.ts";
import { removeLeftBehind } from "../../../agent/resources/left-behind.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import type { GuardedResource } from "../../../agent/resources/resource.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { directoryMark } from "../../../agent/storage/directory-mark.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

/*
 * Stands for an agent in the guardian's tests: `guardian-owner.ts DATA_DIR SERVICES_JSON LEASE_MS [ADDRESSES_JSON [wait]]` holds a lease,
 * renews it, and runs addresses and services in this order, all with the agent's own parts. Prints a JSON line for everything that
 * happens. On standard input it takes `stop MS` and, where it was told to wait before it does anything, `take`.
 */
const [dataDir = "", servicesJson = "{}", leaseMs = "600", addressesJson = "[]", wait] = process.argv.slice(2);
const services = Object.fromEntries(
  Object.entries(JSON.parse(servicesJson) as Record<string, unknown>).map(([name, one]) => [name, serviceSettingsSchema.parse(one)]),
);
const resources: GuardedResource[] = [
  ...(JSON.parse(addressesJson) as GuardedResource[]),
  ...Object.keys(services).map((name) => ({ kind: "service" as const, name })),
];
const paths = dataPaths(dataDir);
const mark = await directoryMark(dataDir);
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const group = "default" as GroupName;
const secret = randomBytes(16).toString("hex");
const left = { recordFile: paths.resources, directoryMark: mark, dataDir, services };
say({ type: "left-behind", resources: await removeLeftBehind(left) });

const hold = (): void => {
  const untilUs = monotonicUs() + usFromMs(Number(leaseMs));
  if (link.order({ type: "hold", group, epoch: 1, untilUs, testament: "" })) lastUntilUs = untilUs;
};
let lastUntilUs = 0;
let holding: NodeJS.Timeout | undefined;
const take = (): void => {
  hold();
  link.order({ type: "start", group, epoch: 1, resources });
  holding ??= setInterval(hold, 100);
};
const link: GuardianLink = await GuardianLink.open({
  socketPath: paths.guardianSocket,
  secret,
  onConnected: (pid) => {
    say({ type: "connected", pid });
    if (wait !== "wait") take();
  },
  onNotice: say,
  onClosed: () => say({ type: "guardian-closed" }),
});
const guardian = new GuardianProcess({
  configuration: {
    services,
    directoryMark: mark,
    dataDir,
    recordFile: paths.resources,
    socket: paths.guardianSocket,
    secret,
    adoptSocket: paths.adoptSocket,
    nodeId: "node_00000000000000000001" as NodeId,
    identities: [await createIdentity(paths)],
  },
  adopted: null,
  onLog: (text) => say({ type: "log", text }),
  onDied: async (how) => say({ type: "swept", how, resources: await removeLeftBehind(left) }),
});
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  if (text.startsWith("take")) return take();
  // No more renewals: by the end of the last one everything must be down.
  if (text.startsWith("lose")) {
    clearInterval(holding);
    return say({ type: "lost", untilUs: lastUntilUs });
  }
  if (!text.startsWith("stop")) return;
  const deadlineUs = monotonicUs() + usFromMs(Number(text.split(" ")[1]));
  say({ type: "stop-ordered", deadlineUs });
  link.order({ type: "stop", group, epoch: 1, deadlineUs });
});
process.once("SIGTERM", () => {
  void guardian.end().then(() => process.exit(0));
});
