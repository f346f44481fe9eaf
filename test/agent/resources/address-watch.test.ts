import { describe, expect, it } from "vitest";
import { AddressWatch } from "../../../agent/resources/address-watch.ts";

const [stranger, another] = ["02:00:00:00:00:66", "02:00:00:00:00:67"];

/** What it has done at each of these looks. */
function courseOf(looks: readonly (readonly string[])[], known: string | null = null): string[][] {
  let done: string[] = [];
  const watch = new AddressWatch(known, {
    ask: () => done.push("asks"),
    lookAgain: (afterMs) => done.push(`looks again after ${afterMs} ms`),
    defend: (isContested) => done.push(isContested ? "defends every second" : "announces"),
    onConflict: (mac) => done.push(`tells ${mac}`),
    onOver: () => done.push("says that it is over"),
  });
  return looks.map((seen) => {
    done = [];
    watch.look(seen);
    return done;
  });
}

describe("a stranger takes an address that is held", () => {
  it("seen once: it is defended once, the stranger is asked, and looked for a second later", () => {
    expect(courseOf([[stranger]])).toEqual([["announces", "asks", "looks again after 1000 ms"]]);
  });

  it("seen again: the conflict is told with its hardware address, once, and it is defended every second", () => {
    expect(courseOf([[stranger], [stranger], [stranger]]).slice(1)).toEqual([
      [`tells ${stranger}`, "defends every second", "asks"],
      ["asks"],
    ]);
  });

  it("not seen again: the last frame of an earlier holder is no conflict", () => {
    expect(courseOf([[stranger], [], [], [stranger]])[3]).toEqual(["announces", "asks", "looks again after 1000 ms"]);
  });

  it("gone: after three questions without an answer it is over, and the next one is told anew", () => {
    const course = courseOf([[stranger], [stranger], [], [], [], [stranger], [stranger]]);
    expect(course.slice(2)).toEqual([
      ["asks"],
      ["asks"],
      ["announces", "says that it is over"],
      ["announces", "asks", "looks again after 1000 ms"],
      [`tells ${stranger}`, "defends every second", "asks"],
    ]);
  });

  it("a second one while it is contested: told as well, and nothing begins anew", () => {
    expect(
      courseOf(
        [
          [stranger, another],
          [stranger, another],
        ],
        stranger,
      ),
    ).toEqual([
      ["asks", "looks again after 1000 ms"],
      [`tells ${another}`, "asks"],
    ]);
  });

  it("known from the beginning, and gone: it is over", () => {
    expect(courseOf([[], [], []], stranger)).toEqual([["asks"], ["asks"], ["announces", "says that it is over"]]);
  });

  it("nobody: asked at every fifth look, so that one who says nothing by itself is found", () => {
    expect(courseOf(Array.from({ length: 10 }, () => []))).toEqual([[], [], [], [], ["asks"], [], [], [], [], ["asks"]]);
  });
});
