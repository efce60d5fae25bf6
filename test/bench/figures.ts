import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type mongoose from 'mongoose';
import { makeRunDir } from '../../models/embeddedStart.ts';

/** What one run of messages took. */
export type Figures = { messagesPerS: number; p50Ms: number; p99Ms: number };

/** CPU time since its start and memory now, of one process. */
export type Usage = { cpuMs: number; rssMb: number };

/** Rates and percentiles of `latenciesMs`, which took `totalMs` altogether. */
export function figuresOf(latenciesMs: number[], totalMs: number): Figures {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { messagesPerS: (latenciesMs.length / totalMs) * 1_000, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const TICK_MS = 10;

/** From Linux's own books, so that all processes are measured alike. */
export function usageOf(pid: number): Usage {
  // The program's name, in brackets, may hold spaces.
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { cpuMs: ticks * TICK_MS, rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
}

/** The process that serves the database of `dataDir`. */
export function enginePidOf(dataDir: string): number {
  const marks = readdirSync(makeRunDir(join(dataDir, 'mongodb'))).filter((name) => /^engine-\d+$/.test(name));
  const [mark] = marks;
  if (!mark || marks.length > 1) throw new Error(`${marks.length} engines serve ${dataDir}`);
  return Number(mark.slice('engine-'.length));
}

/** Figures, and what one message of the run cost: CPU of both processes, documents written and queries answered. */
export type Cost = Figures & { cpuMs: number; engineCpuMs: number; writes: number; reads: number };

/** Who works on a run of how many messages; `connection` asks the engine for its counts. */
export type Workers = {
  appPid: number;
  enginePid: number;
  connection: mongoose.Connection;
  messages: number;
};

/** Runs and reads the books before and after. */
export async function costing(workers: Workers, run: () => Promise<Figures>): Promise<Cost> {
  const { appPid, enginePid, connection, messages } = workers;
  const read = async () => ({
    ...(await operationsOf(connection)),
    cpuMs: usageOf(appPid).cpuMs,
    engineCpuMs: usageOf(enginePid).cpuMs,
  });
  const before = await read();
  const figures = await run();
  const after = await read();
  const perMessage = (name: keyof typeof before) => (after[name] - before[name]) / messages;
  return {
    ...figures,
    cpuMs: perMessage('cpuMs'),
    engineCpuMs: perMessage('engineCpuMs'),
    writes: perMessage('writes'),
    reads: perMessage('reads'),
  };
}

async function operationsOf(connection: mongoose.Connection): Promise<{ writes: number; reads: number }> {
  const status = await connection.getClient().db('admin').command({ serverStatus: 1 });
  const { insert, update, query } = status.opcounters;
  return { writes: insert + update, reads: query };
}
