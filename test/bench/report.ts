import { cpus } from 'node:os';
import type { Cost } from './figures.ts';
import type { InboxMeasured } from './inbox.ts';
import type { TransportMeasured } from './transports.ts';

/** Everything that one bench measured. */
export type Measured = {
  busy: Cost;
  alone: Cost;
  floor: { busy: Cost; alone: Cost };
  rssMb: { app: number; engine: number };
  coldStartMs: { empty: number; existing: number };
};

/** Titles, and how many digits matter. */
const ROWS: { name: keyof Cost; title: string; digits: number }[] = [
  { name: 'messagesPerS', title: 'messages/s', digits: 0 },
  { name: 'p50Ms', title: 'webhook to send, p50 ms', digits: 1 },
  { name: 'p99Ms', title: 'webhook to send, p99 ms', digits: 1 },
  { name: 'cpuMs', title: 'CPU ms per message, app', digits: 2 },
  { name: 'engineCpuMs', title: 'CPU ms per message, engine', digits: 2 },
  { name: 'writes', title: 'documents written per message', digits: 1 },
  { name: 'reads', title: 'reads per message', digits: 1 },
];

const PATH =
  'Both do per message, in this order: insert the message, read what is pending, replace the conversation, read\n' +
  'its owner, insert the claim, [send], update the claim, write the outcome and insert 2 timeline lines together,\n' +
  'replace the conversation. Every write waits for the journal. The floor is the driver alone: no HTTP, no decision.\n';

/** The line above the tables: figures mean nothing without it. */
export function machine(): string {
  const processors = cpus();
  return `${processors.length} cores, ${processors[0]?.model ?? 'unknown'}, Node ${process.version}`;
}

/** What one message costs. */
export function tableOf({ busy, alone, floor, rssMb, coldStartMs }: Measured): string {
  return [
    section('8 at a time', busy, floor.busy),
    section('1 at a time', alone, floor.alone),
    `Memory: app ${rssMb.app.toFixed(0)} MB, engine ${rssMb.engine.toFixed(0)} MB. `,
    `Cold start to ready: ${seconds(coldStartMs.empty)} with no data, ${seconds(coldStartMs.existing)} with data.\n`,
    PATH,
  ].join('\n');
}

type TransportRow = [title: string, figure: (measured: TransportMeasured) => string];

const TRANSPORT_ROWS: TransportRow[] = [
  ['questions answered/s, 8 at a time', ({ questions }) => questions.messagesPerS.toFixed(0)],
  ['question to answer, p50 ms', ({ questions }) => questions.p50Ms.toFixed(1)],
  ['question to answer, p99 ms', ({ questions }) => questions.p99Ms.toFixed(1)],
  ['brochures (PDF, then a question)/s', ({ brochures }) => brochures.messagesPerS.toFixed(1)],
  ['enquiry to both, p99 ms', ({ brochures }) => brochures.p99Ms.toFixed(0)],
  ['flood of 1,000: stored/s', ({ flood }) => flood.storedPerS.toFixed(0)],
  ['flood of 1,000: handled/s', ({ flood }) => flood.concludedPerS.toFixed(0)],
  ['flood of 1,000: lost', ({ flood }) => `${flood.lost}`],
  ['flood of 1,000: out of order', ({ flood }) => `${flood.disordered}`],
  ['memory of the app, MB', ({ appMb }) => appMb.toFixed(0)],
  ['memory of the browser, MB', ({ browserMb }) => browserMb?.toFixed(0) ?? '-'],
];

/** What each transport does, side by side. */
export function transportsTableOf(measured: TransportMeasured[]): string {
  const rows = TRANSPORT_ROWS.map(([title, figure]) => line(title, ...measured.map(figure)));
  const head = line('the whole product by', ...measured.map(({ transport }) => transport));
  return `${[head, ...rows].join('\n')}\n`;
}

/** What the team's side does. */
export function inboxTableOf({ cases, replies, acks, cpuMs, rssMb }: InboxMeasured): string {
  const rows: [string, string][] = [
    ['cases opened/s, 8 at a time', cases.messagesPerS.toFixed(0)],
    ['webhook to card in Slack, p50 ms', cases.p50Ms.toFixed(1)],
    ['webhook to card in Slack, p99 ms', cases.p99Ms.toFixed(1)],
    [`replies sent/s, at ${replies.perS} events/s`, replies.messagesPerS.toFixed(0)],
    ['event to its acknowledgement, p50 ms', acks.p50Ms.toFixed(1)],
    ['event to its acknowledgement, p99 ms', acks.p99Ms.toFixed(1)],
    ['event to WhatsApp send, p50 ms', replies.p50Ms.toFixed(1)],
    ['event to WhatsApp send, p99 ms', replies.p99Ms.toFixed(1)],
    ['CPU ms per reply, app', cpuMs.app.toFixed(2)],
    ['CPU ms per reply, engine', cpuMs.engine.toFixed(2)],
    ['memory of the app, MB', rssMb.app.toFixed(0)],
    ['memory of the engine, MB', rssMb.engine.toFixed(0)],
  ];
  return `${[line("the team's side", 'inbox'), ...rows.map(([title, figure]) => line(title, figure))].join('\n')}\n`;
}

function section(title: string, ours: Cost, floor: Cost): string {
  const lines = ROWS.map(({ name, title: row, digits }) =>
    line(row, ours[name].toFixed(digits), floor[name].toFixed(digits), (ours[name] / floor[name]).toFixed(2)),
  );
  return `${[line(title, 'ours', 'floor', 'ratio'), ...lines].join('\n')}\n`;
}

function line(title: string, ...columns: string[]): string {
  return title.padEnd(36) + columns.map((column) => column.padStart(10)).join('');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
