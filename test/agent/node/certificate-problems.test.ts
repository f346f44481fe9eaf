import { expect, it } from "vitest";
import type { CertificateStanding } from "../../../agent/node/certificate-keeper.ts";
import { certificateProblems } from "../../../agent/node/certificate-problems.ts";

const standing: CertificateStanding = {
  sha256: "ab".repeat(32),
  from: "2026-11-01T00:00:00.000Z",
  until: "2027-01-30T00:00:00.000Z",
  renewsAt: "2026-12-31T00:00:00.000Z",
  next: null,
  problem: "it cannot be reached",
};
const on = (day: string, changes: Partial<CertificateStanding> = {}) =>
  certificateProblems({ ...standing, ...changes }, Date.parse(`${day}T00:00:00.000Z`));

it("an operator is told when a certificate is late with its renewal, why, and what to do once it has expired; before that nothing", () => {
  expect(on("2027-01-10")).toEqual([]);
  expect(on("2027-01-20")).toEqual(["its certificate expires in 10 days and is not renewed yet: it cannot be reached"]);
  expect(on("2027-01-20", { next: { sha256: "cd", isNamed: true } })).toEqual([]);
  expect(on("2027-01-30")).toEqual([expect.stringMatching(/has expired, at 2027-01-30.* understudy agent certificate renew/) as string]);
});
