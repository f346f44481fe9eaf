import { expect, it } from "vitest";
import type { GroupName } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import type { Trigger } from "../../../../shared/domain/triggers/trigger.ts";
import { triggerProblems } from "../../../../shared/domain/triggers/trigger-rules.ts";
import { putTriggerSchema, triggerSchema } from "../../../../shared/protocol/trigger-schema.ts";

const trigger: Trigger = {
  name: "nightly",
  group: "default" as GroupName,
  log: "sent",
  since: "2026-01-01T00:00:00Z",
  source: { kind: "schedule", cron: "30 2 * * *", zone: "Europe/Berlin" },
  actions: [{ kind: "command", name: "bells", command: "ring" }],
  late: { withinSeconds: 3_600, atMost: 100 },
  keptDays: 90,
};
const told = (...triggers: readonly Partial<Trigger>[]): readonly string[] =>
  triggerProblems({
    groups: [{ name: "default" }, { name: "phones" }],
    dataSets: [
      { kind: "state", name: "sent", group: "default", local: [] },
      { kind: "config", name: "settings", group: "default", local: [] },
    ],
    triggers: triggers.map((change) => ({ ...trigger, ...change })),
  } as unknown as ClusterDocument).map(({ path, message }) => `${path}: ${message}`);

it("a trigger needs a group that is there, and a log that the group's holder writes", () => {
  expect(told({})).toEqual([]);
  expect(
    told(
      { group: "fire" as GroupName },
      { name: "b", group: "phones" as GroupName },
      { name: "c", log: "settings" },
      { name: "d", log: "x" },
    ),
  ).toEqual([
    "triggers.0.group: there is no group fire: whoever holds the group does what the trigger says",
    "triggers.1.log: sent must be a data set of kind state and of group phones: it is of group default",
    "triggers.2.log: settings must be a data set of kind state and of group default: it is config",
    "triggers.3.log: x must be a data set of kind state and of group default: there is none",
  ]);
});

it("names occur once, and no trigger listens to what tells of triggers: every problem at once", () => {
  const twice = [...trigger.actions, ...trigger.actions];
  expect(told({}, { actions: twice, source: { kind: "event", events: ["group.takeover", "trigger.failed"] } })).toEqual([
    "triggers.1.name: nightly occurs twice",
    "triggers.1.actions.1.name: bells occurs twice",
    "triggers.1.source.events.1: trigger.failed tells of triggers: one that listens to it would never end",
  ]);
});

it.each([
  ["61 2 * * *", "UTC", "cron"],
  ["30 2 * *", "UTC", "cron"],
  ["@daily", "UTC", "cron"],
  ["0 0 0 1 1 * 2030", "UTC", "cron"],
  ["30 2 * * *", "Mars/Olympus", "zone"],
  ["30 2 * * *", "../etc", "zone"],
])("the schedule %s in zone %s is refused by its %s", (cron, zone, field) => {
  const result = triggerSchema.safeParse({ ...trigger, source: { kind: "schedule", cron, zone } });
  expect(result.error?.issues.map(({ path }) => path.join("."))).toEqual([`source.${field}`]);
});

it.each([
  ["a multicast to an ordinary address", { kind: "udp-multicast", address: "192.0.2.1", port: 5_000, ttl: 1, text: "x" }],
  ["a multicast that may cross the internet", { kind: "udp-multicast", address: "239.1.1.1", port: 5_000, ttl: 64, text: "x" }],
  ["a URL with a password", { kind: "webhook", url: "https://a:b@example.com/" }],
  ["a URL of another protocol", { kind: "webhook", url: "file:///etc/passwd" }],
  ["a subject with a line's end", { kind: "email", to: ["a@example.com"], subject: "a\nBcc: b@example.com", text: "x" }],
  ["a command with its own argv", { kind: "command", command: "/bin/sh" }],
])("%s is refused", (_what, action) => {
  expect(putTriggerSchema.safeParse({ source: trigger.source, actions: [{ name: "one", ...action }] }).success).toBe(false);
});
