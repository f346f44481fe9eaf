import { randomBytes } from "node:crypto";
import { serviceSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { GuardianLink } from "../../../agent/node/guardian-link.ts";
import { GuardianProcess } from "../../../agent/node/guardian-process.ts";
import { removeLeftBehind } from "../../../agent/resources/left-behind.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { directoryMark } from "../../../agent/storage/directory-mark.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

/*
 * Stands for an agent in the guardian's tests: `guardian-owner.ts DATA_DIR SERVICES_JSON LEASE_MS` holds a lease, renews it, and
 * runs the services, all with the agent's own parts. Prints a JSON line for everything that happens; takes `stop` on standard input.
 */
const [dataDir = "", servicesJson = "{}", leaseMs = "600"] = process.argv.slice(2);
const services = Object.fromEntries(
  Object.entries(JSON.parse(servicesJson) as Record<string, unknown>).map(([name, one]) => [name, serviceSettingsSchema.parse(one)]),
);
const paths = dataPaths(dataDir);
const mark = await directoryMark(dataDir);
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const group = "default" as GroupName;
const secret = randomBytes(16).toString("hex");
const left = { recordFile: paths.services, directoryMark: mark, dataDir, services };
say({ type: "left-behind", services: await removeLeftBehind(left) });

const hold = (): boolean => link.order({ type: "hold", group, epoch: 1, untilUs: monotonicUs() + usFromMs(Number(leaseMs)) });
const link: GuardianLink = await GuardianLink.open({
  socketPath: paths.guardianSocket,
  secret,
  onConnected: (pid) => {
    say({ type: "connected", pid });
    hold();
    link.order({ type: "start", group, epoch: 1, services: Object.keys(services) });
  },
  onNotice: say,
  onClosed: () => say({ type: "guardian-closed" }),
});
const guardian = new GuardianProcess({
  configuration: { services, directoryMark: mark, dataDir, recordFile: paths.services, socket: paths.guardianSocket, secret },
  onLog: (text) => say({ type: "log", text }),
  onDied: async (how) => say({ type: "swept", how, services: await removeLeftBehind(left) }),
});
setInterval(hold, 100);
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  if (!text.startsWith("stop")) return;
  const deadlineUs = monotonicUs() + usFromMs(Number(text.split(" ")[1]));
  say({ type: "stop-ordered", deadlineUs });
  link.order({ type: "stop", group, epoch: 1, deadlineUs });
});
process.once("SIGTERM", () => {
  void guardian.end().then(() => process.exit(0));
});
