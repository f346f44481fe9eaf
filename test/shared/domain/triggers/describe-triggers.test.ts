import { expect, it } from "vitest";
import type { GroupName } from "../../../../shared/domain/ids.ts";
import { describeTriggers } from "../../../../shared/domain/triggers/describe-triggers.ts";
import type { Trigger } from "../../../../shared/domain/triggers/trigger.ts";

const bell: Trigger = {
  name: "bell",
  group: "default" as GroupName,
  log: "triggers-default",
  since: "2026-01-01T00:00:00Z",
  source: { kind: "schedule", cron: "0 8 * * *", zone: "UTC" },
  actions: [{ kind: "command", name: "ring", command: "ring" }],
  late: { withinSeconds: 3_600, atMost: 100 },
  keptDays: 90,
};
const door: Trigger = { ...bell, name: "door", source: { kind: "webhook", tokenSha256: "a" } };

it("each trigger that is new, changed or gone says what follows; what is as it was says nothing", () => {
  expect(describeTriggers([bell, door], [bell, door])).toEqual([]);
  const changed: Trigger = {
    ...bell,
    group: "paging" as GroupName,
    source: { kind: "event", events: ["group.takeover"] },
    actions: [{ kind: "webhook", name: "hook", url: "https://example.com/in" }],
    late: { withinSeconds: 60, atMost: 1 },
  };
  const turned: Trigger = { ...door, source: { kind: "webhook", tokenSha256: "b" } };
  const mail: Trigger = {
    ...bell,
    name: "mail",
    actions: [{ kind: "email", name: "post", to: ["a@example.com"], subject: "s", text: "t" }],
  };
  expect(describeTriggers([bell, door], [changed, turned, mail])).toEqual([
    "trigger bell is done by whoever runs group paging in place of default",
    "trigger bell is set off by the event group.takeover in place of the schedule 0 8 * * * (UTC): what that said of the past counts no more",
    "trigger bell does hook: a request to https://example.com/in; in place of ring: the command ring of the node's own settings",
    "trigger bell: of what nobody could do at its time, the newest 1 are still done within 60 s",
    "trigger door has a new token: the one before is void",
    "trigger mail is new: set off by the schedule 0 8 * * * (UTC), whoever runs group default does post: mail to a@example.com",
  ]);
  expect(describeTriggers([bell], [])).toEqual([
    "trigger bell is gone: nothing sets it off any more, and what it has sent stays in the log for 90 days",
  ]);
});
