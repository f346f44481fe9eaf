import { beforeEach, describe, expect, it } from "vitest";
import type { CloudVoter } from "../../../shared/voter/cloud-voter.ts";
import { a } from "../domain/failover/test-node.ts";
import { Bench } from "./cloud-bench.ts";

let bench: Bench;
let ofA: CloudVoter;
beforeEach(() => {
  bench = new Bench();
  ofA = bench.voter(a);
  bench.pass(500);
});

const looks = (): number => bench.asked.filter(({ from, question }) => from === a && question.type === "look").length;

describe("how often the control plane is looked at", () => {
  const hour = 3_600_000;

  it("every two hours, while nothing speaks against its last answer", () => {
    ofA.take(bench.heartbeat(a, 100));
    bench.pass(2 * hour - 1_000);
    expect(looks()).toBe(1);
    bench.pass(1_000);
    expect(looks()).toBe(2);
  });

  it("at once when the other node is not heard any more, and then every 20 s until it is", () => {
    bench.pass(hour);
    ofA.take(bench.heartbeat(a, 200));
    bench.pass(1);
    expect(looks()).toBe(2);
    bench.pass(41_000);
    expect(looks()).toBe(4);
    ofA.take(bench.heartbeat(a, 20));
    bench.pass(hour);
    expect(looks()).toBe(4);
  });

  it("however often the other node comes and goes, no more than every 20 s", () => {
    for (let round = 0; round < 600; round += 1) {
      ofA.take(bench.heartbeat(a, round % 2 === 0 ? 300 : 20));
      bench.pass(100);
    }
    expect(looks()).toBeLessThan(5);
  });

  it("at once when another connection to the control plane breaks: one that is dead as a whole is found dead then", () => {
    ofA.take(bench.heartbeat(a, 20));
    bench.pass(hour);
    bench.isCloudAway = true;
    ofA.wayIsDoubtful(true);
    bench.pass(2_600);
    bench.said.get(a)?.splice(0);
    bench.pass(10_000);
    expect(bench.said.get(a)).toEqual([]);
    bench.isCloudAway = false;
    bench.pass(5_000);
    expect(bench.said.get(a)?.length).toBeGreaterThan(5);
  });

  it("until it has told of the document that the node acts on", () => {
    bench.pass(hour);
    ofA.take(bench.heartbeat(a, 20, 3));
    bench.pass(50_000);
    expect(looks()).toBe(4);
    bench.version = 3;
    bench.pass(hour);
    expect(looks()).toBe(5);
  });

  it("soon again after a question that nobody has answered", () => {
    bench.pass(hour);
    bench.isCloudAway = true;
    ofA.take(bench.request(a, 1));
    bench.pass(2_600);
    bench.isCloudAway = false;
    const before = looks();
    bench.pass(6_000);
    expect(looks()).toBe(before + 1);
  });
});
