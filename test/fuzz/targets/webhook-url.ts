import { triggerSettingsSchema } from "../../../agent/config/trigger-settings.ts";
import { webhookProblem } from "../../../agent/triggers/actions/webhook-action.ts";
import { triggerSchema } from "../../../shared/protocol/trigger-schema.ts";
import { bytesOf, type FuzzTarget, promise, textOf } from "../fuzz-target.ts";
import { trigger, webhookAction } from "./sample-trigger.ts";

const allowed = ["hooks.example.com", "192.0.2.7", "2001:db8::7"];
const settings = triggerSettingsSchema.parse({ webhookHosts: Object.fromEntries(allowed.map((host) => [host, {}])) });

export const webhookUrl: FuzzTarget = {
  name: "webhook-url",
  reads: "where triggers send: URLs of the cluster document, against the hosts that a node's own settings allow",
  share: 10,
  seeds: ["https://hooks.example.com/a?b=c", "http://192.0.2.7:8080/", "https://[2001:db8::7]/x", "https://other.example.com/"].map(
    bytesOf,
  ),
  words: [
    "@",
    "user:pw@",
    "\\",
    "\\\\",
    "https:",
    "//",
    "#@",
    "%40",
    "localhost",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "。",
    "%2e",
    "hooks.example.com",
    "\t",
    "ftp://",
    "javascript:",
  ],
  execute: (input) => {
    const action = webhookAction(textOf(input));
    const parsed = triggerSchema.safeParse(trigger(action));
    if (!parsed.success) return "refused";
    const url = new URL(action.url);
    promise(url.username === "" && url.password === "", "a user name or a password in a URL is taken");
    promise(url.protocol === "https:" || url.protocol === "http:", "another protocol is taken");
    if (webhookProblem(action, settings) !== null) return "refused";
    promise(allowed.includes(url.hostname.replace(/^\[|\]$/g, "")), "a host that nobody allowed is taken");
    return "accepted";
  },
};
