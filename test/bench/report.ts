import { cpus } from 'node:os';
import type { Cost } from './figures.ts';

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

/** The one table that the bench prints. */
export function tableOf({ busy, alone, floor, rssMb, coldStartMs }: Measured): string {
  const processors = cpus();
  return [
    `${processors.length} cores, ${processors[0]?.model ?? 'unknown'}, Node ${process.version}\n`,
    section('8 at a time', busy, floor.busy),
    section('1 at a time', alone, floor.alone),
    `Memory: app ${rssMb.app.toFixed(0)} MB, engine ${rssMb.engine.toFixed(0)} MB. `,
    `Cold start to ready: ${seconds(coldStartMs.empty)} with no data, ${seconds(coldStartMs.existing)} with data.\n`,
    PATH,
  ].join('\n');
}

function section(title: string, ours: Cost, floor: Cost): string {
  const lines = ROWS.map(({ name, title: row, digits }) =>
    line(row, ours[name].toFixed(digits), floor[name].toFixed(digits), (ours[name] / floor[name]).toFixed(2)),
  );
  return `${[line(title, 'ours', 'floor', 'ratio'), ...lines].join('\n')}\n`;
}

function line(title: string, ...columns: string[]): string {
  return title.padEnd(34) + columns.map((column) => column.padStart(10)).join('');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
