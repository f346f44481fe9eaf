import { expect, it } from "vitest";
import { figureLines } from "./figure-lines.ts";

it("a figure is a line: a time with its unit, a count with what it is of", () => {
  const figures = [
    { what: "address silent", value: 652.24, unit: "ms" },
    { what: "calls failed", value: 0, of: 200 },
    { what: "rows compared", value: 218 },
  ] as const;
  expect(
    figureLines([
      { scenario: "kamailio", figures },
      { scenario: "host-dies", figures: [] },
    ]),
  ).toEqual(["kamailio: address silent 652 ms", "kamailio: calls failed 0 of 200", "kamailio: rows compared 218"]);
});
