import { parseFilterPolicy } from "../../../functions/embedded/sns/filter-policy.ts";
import { QueryError } from "../../../functions/embedded/sns/query-error.ts";
import { QueryRequest } from "../../../functions/embedded/sns/query-request.ts";
import { checkEndpoint, readProtocol } from "../../../functions/embedded/sns/subscriber-endpoint.ts";
import { SubscriberNetworks } from "../../../functions/embedded/sns/subscriber-networks.ts";
import { bytesOf, type FuzzTarget, isA, promise, textOf, unless } from "../fuzz-target.ts";

const networks = new SubscriberNetworks([]);
const privately = /^(127\.|10\.|169\.254\.|192\.168\.|0\.|\[::1?\]|\[::ffff:7f|\[f[cde])/;
const policy =
  '{"severity":["critical",{"prefix":"w"}],"n":[{"numeric":[">",1,"<=",5]}],"x":[{"anything-but":{"suffix":"z"}},{"exists":false}]}';
const call = new URLSearchParams({
  Action: "Subscribe",
  Protocol: "https",
  Endpoint: "https://example.com/hook",
  "Attributes.entry.1.key": "FilterPolicy",
  "Attributes.entry.1.value": policy,
});

export const snsCall: FuzzTarget = {
  name: "sns-call",
  reads: "calls of the SNS endpoint: parameters, subscribers' addresses and filter policies",
  share: 70,
  seeds: [
    bytesOf(call.toString()),
    bytesOf("Action=Publish&Message=x&TopicArn=arn"),
    bytesOf("Action=Subscribe&Protocol=email&Endpoint=noc%40example.com"),
  ],
  words: [
    "http://127.1/",
    "0x7f000001",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
    "2130706433",
    "%5B%3A%3A1%5D",
    "Attributes.entry.2.key=x",
    "&",
    "=",
    "%",
    "+",
    "Attributes.entry.",
    "%00",
    '{"$or":[]}',
  ],
  execute: (input) =>
    unless(isA(QueryError), () => {
      const request = QueryRequest.parse(textOf(input));
      const attributes = request.attributes();
      if (request.action === "Subscribe") {
        const protocol = readProtocol(request.required("Protocol"), true);
        const endpoint = request.required("Endpoint");
        checkEndpoint(protocol, endpoint, networks);
        if (protocol !== "email")
          promise(!privately.test(new URL(endpoint).hostname), "a subscriber within this machine or beside it is taken");
        promise(!/[\s\p{Cc}]/u.test(endpoint), "a subscriber's address breaks a line");
      }
      const matches = parseFilterPolicy(attributes.get("FilterPolicy") ?? policy);
      promise(
        typeof matches({}) === "boolean" && matches({ severity: { Type: "String", Value: "critical" } }) !== undefined,
        "a policy says neither yes nor no",
      );
      return "accepted";
    }),
};
