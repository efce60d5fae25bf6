import { readFileSync, readlinkSync } from 'node:fs';

/**
 * A running process as the ledger knows it, named so that a later process on the same machine can tell at once
 * that it has ended: `<boot>/<pid namespace>/<pid>/<start>/<id>`, or only the id where the system does not say.
 */
export function nameInstance(id: string): string {
  const host = hostName();
  const startedAt = startOf(process.pid);
  return host && startedAt ? [host, process.pid, startedAt, id].join('/') : id;
}

/**
 * Whether the process of that name has certainly ended. False when in doubt: it ran on another machine, in
 * another container, or the system does not say.
 */
export function hasEnded(instance: string): boolean {
  const [boot, namespace, pid, startedAt] = instance.split('/');
  if (!startedAt || `${boot}/${namespace}` !== hostName()) return false;
  if (!isAlive(Number(pid))) return true;
  const start = startOf(Number(pid));
  // Another process has got the number since.
  return start !== undefined && start !== startedAt;
}

/** Process ids mean something only within one boot of one kernel and one pid namespace. */
function hostName(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** Whether a process has this number now, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}

/** In clock ticks since the boot. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in brackets, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
