import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBalancerEndpoint } from "../../../agent/answers/balancer-endpoint.ts";
import { GroupStandings } from "../../../agent/answers/group-standing.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { PriorityGroup } from "../../../shared/domain/membership/cluster-document.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { testDocument } from "../cluster-signer.ts";
import { viewAt } from "./views.ts";

const groupWith = (name: string, kind: "balancer-answer" | "service"): PriorityGroup => ({
  name: name as GroupName,
  order: [],
  resources: [kind === "service" ? { kind, name } : { kind, name, mode: "http", listenPort: 80, servicePort: 8_080 }],
  failback: { mode: "manual" },
});
const groups = [groupWith("default", "balancer-answer"), groupWith("paging", "balancer-answer"), groupWith("silent", "service")];

describe("the answer to a load balancer", () => {
  let nowMs = 1_000;
  let base = "";
  let port = 0;
  let endpoint = { close: () => Promise.resolve() };
  const standings = new GroupStandings(() => usFromMs(nowMs));
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const response = await fetch(`${base}${path}`, init);
    return `${response.status} ${await response.text()}`.trim();
  };

  beforeEach(async () => {
    nowMs = 1_000;
    [port = 0] = await freePorts(1);
    base = `http://127.0.0.1:${port}`;
    const settings = { port, compatiblePath: "/SA-Announce/RevolutionStatus" };
    endpoint = await openBalancerEndpoint({ host: "127.0.0.1", settings, document: () => testDocument([], { groups }), standings });
  });
  afterEach(() => endpoint.close());

  it("200 where the group is operational, 404 with the state's name elsewhere, each group for itself", async () => {
    standings.viewChanged(viewAt(1_000, { default: "operational", paging: "standby", silent: "operational" }));
    expect(await ask("/groups/default")).toBe("200 operational");
    expect(await ask("/groups/default?from=balancer")).toBe("200 operational");
    expect(await ask("/groups/paging")).toBe("404 standby");
    standings.viewChanged(viewAt(1_000, { default: "handing-over", paging: "standby" }));
    expect(await ask("/groups/default")).toBe("404 drain");
  });

  it("503 as soon as the lease that it knows of has ended", async () => {
    standings.viewChanged(viewAt(1_000, { default: "operational" }, 400));
    nowMs = 1_400;
    expect(await ask("/groups/default")).toBe("503 unknown: the lease has ended, and nothing newer was heard");
  });

  it("a group without a balancer answer, and one that is not there, are no place for requests", async () => {
    standings.viewChanged(viewAt(1_000, { default: "operational", silent: "operational" }));
    expect(await ask("/groups/silent")).toMatch(/^404 unknown: no group of that name/);
    expect(await ask("/groups/../groups/%00")).toMatch(/^404 unknown/);
  });

  it("the whole node is as fit as the least fit of its groups, at the compatible path too", async () => {
    standings.viewChanged(viewAt(1_000, { default: "operational", paging: "standby" }));
    expect(await ask("/")).toBe("404 standby");
    standings.viewChanged(viewAt(1_000, { default: "operational", paging: "operational" }));
    expect(await ask("/")).toBe("200 operational");
    expect(await ask("/SA-Announce/RevolutionStatus")).toBe("200 operational");
  });

  it("JSON for who accepts it, no body for HEAD, and nothing but a refusal for whoever sends something", async () => {
    standings.viewChanged(viewAt(1_000, { default: "operational" }));
    expect(await ask("/groups/default", { headers: { accept: "application/json" } })).toBe('200 {"state":"operational"}');
    expect(await ask("/groups/default", { method: "HEAD" })).toBe("200");
    expect(await ask("/groups/default", { method: "POST", body: "x".repeat(100_000) })).toBe("405");
  });

  it("a port that is taken: told with its setting", async () => {
    const again = openBalancerEndpoint({ host: "127.0.0.1", settings: { port }, document: () => testDocument([]), standings });
    await expect(again).rejects.toMatchObject({ code: "port-unavailable", nextStep: expect.stringMatching(/balancer\.port/) as string });
  });
});
