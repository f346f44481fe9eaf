import type { CertificateStanding } from "../../../agent/node/certificate-keeper.ts";

/** A node's certificate as a status has it while nothing is to be done. */
export const certificateInOrder: CertificateStanding = {
  sha256: "ab".repeat(32),
  from: "2026-11-01T00:00:00.000Z",
  until: "2027-01-30T00:00:00.000Z",
  renewsAt: "2026-12-31T00:00:00.000Z",
  next: null,
  problem: null,
};
