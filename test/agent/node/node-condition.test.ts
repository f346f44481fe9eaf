import { beforeEach, describe, expect, it } from "vitest";
import { agentSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { NodeCondition } from "../../../agent/node/node-condition.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { PriorityGroup } from "../../../shared/domain/membership/cluster-document.ts";
import type { DataSetStatus } from "../../../shared/domain/replication/replication-status.ts";
import { testDocument, testNode } from "../cluster-signer.ts";

const group = "default" as GroupName;
const node = testNode(1, "0".repeat(64), { heartbeat: 7_400, replication: 7_401 });
const settings = agentSettingsSchema.parse({
  name: "node-a",
  dataDir: "/nowhere",
  listen: { host: "127.0.0.1" },
  services: { sample: { start: ["/bin/true"], retryAfterMs: 30_000 } },
});

describe("what keeps a node from holding a group", () => {
  let nowMs = 0;
  let condition: NodeCondition;
  let checkProblems: readonly string[] = [];

  beforeEach(() => {
    nowMs = 0;
    checkProblems = [];
    condition = new NodeCondition(
      settings,
      () => nowMs,
      (name) => (name === group ? checkProblems : []),
    );
    condition.guardianChanged(true);
  });

  it("a service that failed: for as long as the settings say, with its reason", () => {
    const document = testDocument([node]);
    expect(condition.status(document).groupProblems).toEqual({});
    expect(condition.resourceFailed({ kind: "service", name: "sample" }, "it was ended by SIGKILL")).toBe(30_000);
    nowMs = 29_999;
    expect(condition.status(document).groupProblems).toEqual({ default: "service sample failed here: it was ended by SIGKILL" });
    nowMs = 30_000;
    expect(condition.status(document).groupProblems).toEqual({});
  });

  it("a check that has failed: as long as it says so, and for its own group only", () => {
    checkProblems = ["check web failed here: it answered with status 500 in place of 200"];
    const document = testDocument([node]);
    const groups = [...document.groups, ...document.groups.map((one) => ({ ...one, name: "other" as GroupName, resources: [] }))];
    expect(condition.status({ ...document, groups }).groupProblems).toEqual({ default: checkProblems[0] });
    checkProblems = [];
    expect(condition.status(document).groupProblems).toEqual({});
  });

  it("an address that failed here keeps the node from its group for a while, and a service of the same name does not mind", () => {
    const address = { kind: "address", name: "front", address: "192.0.2.10/24" } as const;
    const document = testDocument([node]);
    const withResources = (resources: PriorityGroup["resources"]) => ({
      ...document,
      groups: document.groups.map((one) => ({ ...one, resources })),
    });
    condition.resourceFailed(address, "no interface of this node has an address in its subnet");
    expect(condition.status(withResources([address])).groupProblems).toEqual({
      default: "address front failed here: no interface of this node has an address in its subnet",
    });
    expect(condition.status(withResources([])).groupProblems).toEqual({});
    nowMs = 30_000;
    expect(condition.status(withResources([address])).groupProblems).toEqual({});
  });

  it("a service without settings, and a guardian that is starting: both, at once", () => {
    condition.guardianChanged(false);
    const document = testDocument([node]);
    const resources = [{ kind: "service", name: "unknown" } as const];
    const groups = document.groups.map((one) => ({ ...one, resources }));
    expect(condition.status({ ...document, groups }).groupProblems[group]).toMatch(
      /the guardian, .* is starting; .*add services.unknown to them/,
    );
  });

  it("words without end: peers get what fits into a heartbeat, people the whole", () => {
    const document = testDocument([node], { dataSets: [{ kind: "sqlite", name: "sales", local: [] }] });
    const problem = "the disk is broken ".repeat(50);
    const dataSet: DataSetStatus = {
      name: "sales",
      phase: "refused",
      vector: {},
      unacknowledged: { changes: 0, oldestAgeMs: 0 },
      behind: 0,
      problem,
    };
    condition.dataSetsChanged([dataSet], null);
    condition.resourceFailed({ kind: "service", name: "sample" }, "x".repeat(5_000));
    const told = condition.status(document);
    expect(told.groupProblems[group]).toHaveLength(600 - 1);
    expect(told.dataSets[0]?.problem?.length).toBeLessThanOrEqual(600);
    expect(condition.dataSets[0]?.problem).toBe(problem);
  });
});
