import { expect, it } from "vitest";
import { sightedLooks } from "../../../agent/node/sighted-looks.ts";

it("each address gets what was seen of it, and no other one's", () => {
  const look = { address: "10.0.0.9", probedUs: 1_000, probeEndedUs: 2_000, answeredBy: null, upUs: 3_000 };
  const other = { ...look, address: "10.0.0.8" };
  const told = { answeredUs: 100, unansweredUs: 150 };
  expect(sightedLooks([look, other], [{ host: "10.0.0.8", told }])).toEqual([look, { ...other, sighting: told }]);
});
