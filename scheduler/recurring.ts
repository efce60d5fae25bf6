/**
 * Every schedule there is, in one table. Cron expressions are read in the project's zone. Only singletons:
 * what waits for one buyer is a date on their conversation.
 */
export type Recurring = {
  name: JobName;
  cron: string;
  /** What happens to a run that was missed while nothing was running: skip it, or run it once now. */
  stale: 'skip' | 'run';
  /** Longer than the job takes; a dead process frees its lock after this. */
  lockMs: number;
};

export type JobName =
  | 'watchWaiting'
  | 'auditDatabase'
  | 'validateDatabase'
  | 'restartBrowser'
  | 'purgeRejected'
  | 'purgeSlackEvents'
  | 'tidyMedia';

export const RECURRING: readonly Recurring[] = [
  { name: 'watchWaiting', cron: '*/5 * * * *', stale: 'skip', lockMs: 60_000 },
  { name: 'auditDatabase', cron: '15 * * * *', stale: 'skip', lockMs: 10 * 60_000 },
  { name: 'validateDatabase', cron: '30 3 * * *', stale: 'run', lockMs: 30 * 60_000 },
  // WhatsApp's page grows by the day: wwebjs/whatsapp-web.js issues 350 and 821.
  { name: 'restartBrowser', cron: '45 3 * * *', stale: 'skip', lockMs: 5 * 60_000 },
  { name: 'purgeRejected', cron: '0 4 * * *', stale: 'run', lockMs: 10 * 60_000 },
  { name: 'purgeSlackEvents', cron: '10 4 * * *', stale: 'run', lockMs: 10 * 60_000 },
  { name: 'tidyMedia', cron: '20 4 * * *', stale: 'run', lockMs: 30 * 60_000 },
];
