const mebibyte = 1_048_576;

/** From where on a check warns or fails. */
export const preflightThresholds = {
  /** Between this server's clock and the control plane's. */
  clockWarnMs: 1_000,
  clockFailMs: 15_000,
  freeBytesWarn: 1_024 * mebibyte,
  freeBytesFail: 64 * mebibyte,
  /** While a copy of the data comes in, the old one is still there. */
  freePerDatabaseByte: 2,
  memoryTotalBytesFail: 256 * mebibyte,
  /** About what an agent takes, and as much again. */
  memoryAvailableBytesWarn: 512 * mebibyte,
  processorsWarn: 2,
  /** From this one on a virtual address is let through by the kernel no longer than its lease goes (nftables on egress). */
  kernelWarn: [5, 16],
  /** The oldest that the agent's runtime runs on. */
  kernelFail: [4, 18],
  nodeMajorFail: 24,
} as const;
