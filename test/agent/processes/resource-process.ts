import { createInterface } from "node:readline";
import { serviceSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { Address } from "../../../agent/resources/address.ts";
import { AddressGates } from "../../../agent/resources/address-gates.ts";
import { inheritedPriority } from "../../../agent/resources/command.ts";
import { IpSessions } from "../../../agent/resources/ip-sessions.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import type { GuardedResource, Resource } from "../../../agent/resources/resource.ts";
import { Service } from "../../../agent/resources/service.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

/*
 * One resource in a process of its own, so that it can be in a namespace: `resource-process.ts DEFINITION_JSON MARK SETTINGS_JSON`. Takes
 * `hold MS`, `start` and `stop MS` on standard input, and prints the outcome of each start and stop as a JSON line.
 */
const [definitionJson = "{}", mark = "", settingsJson = "{}"] = process.argv.slice(2);
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const gates = new AddressGates();
const onFailed = (reason: string): void => say({ failed: reason });
const resource = make(JSON.parse(definitionJson) as GuardedResource);
const inMs = (ms: string | undefined): number => monotonicUs() + usFromMs(Number(ms));

createInterface({ input: process.stdin }).on("line", (line) => {
  const [order, ms] = line.split(" ");
  if (order === "hold") resource.hold(inMs(ms));
  else if (order === "start") void resource.start({ group: "default" as GroupName, epoch: 1 }).then((outcome) => say({ start: outcome }));
  else void stop(inMs(ms));
});

async function stop(deadlineUs: number): Promise<void> {
  await resource.stop(deadlineUs);
  await gates.settled();
  say({ stop: resource.trace });
}

function make(definition: GuardedResource): Resource {
  if (definition.kind === "address")
    return new Address({
      definition,
      directoryMark: mark,
      ips: new IpSessions(),
      gates,
      onFailed,
      onConflict: () => {},
      onUp: (look) => say({ up: look }),
      onTrouble: onFailed,
    });
  const settings = serviceSettingsSchema.parse(JSON.parse(settingsJson));
  return new Service({ definition, settings, mark, defaultDirectory: "/", priority: inheritedPriority, onFailed });
}
