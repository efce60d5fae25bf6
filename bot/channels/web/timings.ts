/** How long each thing may take, in milliseconds. Tests shorten some. */
export type WebTimings = {
  /** How often the page is asked whether it is well; while it waits to be paired more often, since codes run out. */
  probeEveryMs: number;
  pairingProbeEveryMs: number;
  probeLimitMs: number;
  /** Until the page shows anything of WhatsApp at all. */
  authTimeoutMs: number;
  /** For one call of the browser's protocol: the upload of the largest document is one. */
  protocolTimeoutMs: number;
  /** From the start of the browser until the library is in the page. */
  startLimitMs: number;
  /** From a paired page to its history. */
  syncLimitMs: number;
  /** How long the page may be without a connection before it is built anew. */
  offlineLimitMs: number;
  /** How long a browser may take to close before it is killed. */
  closeLimitMs: number;
  /** For a question to the page, for fetching a file, and for one send. */
  callLimitMs: number;
  mediaLimitMs: number;
  sendLimitMs: number;
  /** Waits between attempts double from the least to the most. */
  backoff: { leastMs: number; mostMs: number };
  /** How often a refused account or network tries again. */
  blockedRetryMs: number;
  /** How often what the application did not take is offered again. */
  handOverAgainMs: { least: number; most: number };
};

export const WEB_TIMINGS: WebTimings = {
  probeEveryMs: 30_000,
  pairingProbeEveryMs: 5_000,
  probeLimitMs: 5_000,
  authTimeoutMs: 60_000,
  protocolTimeoutMs: 180_000,
  startLimitMs: 120_000,
  syncLimitMs: 600_000,
  offlineLimitMs: 300_000,
  closeLimitMs: 10_000,
  callLimitMs: 15_000,
  mediaLimitMs: 120_000,
  sendLimitMs: 90_000,
  backoff: { leastMs: 1_000, mostMs: 60_000 },
  blockedRetryMs: 600_000,
  handOverAgainMs: { least: 500, most: 30_000 },
};
