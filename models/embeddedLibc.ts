import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { z } from 'zod';

const run = promisify(execFile);

const NEEDED_GLIBC = { major: 2, minor: 38 };
const DEBIAN = { suite: 'trixie', release: '13', defaultMirror: 'http://deb.debian.org/debian' };
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const FETCH_LIMIT_MS = 180_000;
const MACHINES: Record<string, Machine> = {
  x64: { architecture: 'amd64', folder: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { architecture: 'arm64', folder: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

type Machine = { architecture: string; folder: string; loader: string };

/** Where the C library comes from and where it is kept. */
export type LibcOptions = {
  log: Logger;
  /** Folder for what was fetched; by default `baton` in `XDG_CACHE_HOME` or `~/.cache`. */
  cacheDir?: string | undefined;
  /** Debian mirror; by default the one in the system's own apt sources. */
  aptMirror?: string | undefined;
  /** The system's glibc version, such as "2.36"; by default the one node runs with. */
  glibc?: string | undefined;
};

/**
 * What to put before `node` on a command line so that the embedded engine loads: nothing where the system's
 * C library is new enough, else the loader of Debian 13's, fetched once into the cache folder. The system
 * and its apt state are never touched.
 *
 * @throws Error in one line when this platform has no engine, or the library cannot be fetched
 */
export async function loaderCommand(options: LibcOptions): Promise<string[]> {
  if (process.platform === 'darwin' && process.arch === 'arm64') return [];
  const glibc = options.glibc ?? systemGlibc();
  const machine = MACHINES[process.arch];
  if (process.platform !== 'linux' || !machine || !glibc) {
    throw new Error(
      `The embedded database does not run on ${process.platform} ${process.arch}. ${otherWay()}`,
    );
  }
  if (isNewEnough(glibc)) return [];

  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const libc = join(cacheDir, `libc-${DEBIAN.suite}-${machine.architecture}`);
  const command = loaderIn(libc, machine);
  if (!existsSync(command[0])) {
    await fetchLibc({ ...options, cacheDir, libc, machine }).catch((error) => {
      throw new Error(missingLibrary(glibc, error), { cause: error });
    });
  }
  return command;
}

/** The sentence that ends every "no embedded database here" error. */
export function otherWay(): string {
  return 'Set MONGODB_URI=mongodb://… to use a MongoDB server instead.';
}

/** glibc's version as "2.36"; undefined where the C library is another one. */
function systemGlibc(): string | undefined {
  const report = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });
  return report.parse(process.report.getReport()).header.glibcVersionRuntime;
}

function isNewEnough(glibc: string): boolean {
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  return major > NEEDED_GLIBC.major || (major === NEEDED_GLIBC.major && minor >= NEEDED_GLIBC.minor);
}

function defaultCacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'baton');
}

function loaderIn(root: string, machine: Machine): [loader: string, ...options: string[]] {
  const folder = join(root, 'usr/lib', machine.folder);
  return [join(folder, machine.loader), '--library-path', folder];
}

type Fetch = LibcOptions & { cacheDir: string; libc: string; machine: Machine };

/** Works in a folder of its own and renames the tried result into place: a rival's or a crash never harms. */
async function fetchLibc({ log, cacheDir, libc, machine, aptMirror }: Fetch): Promise<void> {
  if (!existsSync(KEYRING)) throw new Error(`Debian's keyring ${KEYRING} is not installed`);
  log.info(`Fetching Debian ${DEBIAN.release}'s C library for the embedded database (once, about 13 MB)…`);
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(`${libc}.`);
  try {
    await downloadPackage(work, machine.architecture, aptMirror ?? (await systemMirror()));
    const root = join(work, 'root');
    await run('sh', ['-c', 'exec dpkg-deb -x libc6_*.deb root'], { cwd: work });
    const [loader, ...rest] = loaderIn(root, machine);
    await run(loader, [...rest, process.execPath, '--version']);
    await rename(root, libc).catch((error) => {
      if (!existsSync(loaderIn(libc, machine)[0])) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** apt with a state of its own: the system's proxy settings apply, its lists, pins and hooks do not. */
async function downloadPackage(work: string, architecture: string, mirror: string): Promise<void> {
  await mkdir(join(work, 'state/lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(work, 'status'), '');
  await writeFile(
    join(work, 'sources.list'),
    `deb [arch=${architecture} signed-by=${KEYRING}] ${mirror} ${DEBIAN.suite} main\n`,
  );
  await writeFile(join(work, 'apt.conf'), aptConfiguration(work, architecture));
  const apt = (...args: string[]) =>
    run('apt-get', ['-c', join(work, 'apt.conf'), '-qq', ...args], { cwd: work, timeout: FETCH_LIMIT_MS });
  await apt('update', '--error-on=any');
  await apt('download', 'libc6');
}

function aptConfiguration(work: string, architecture: string): string {
  return `
    APT::Architecture "${architecture}";
    APT::Sandbox::User "root";
    APT::Get::AllowUnauthenticated "false";
    Acquire::AllowInsecureRepositories "false";
    Acquire::Languages "none";
    Acquire::Retries "1";
    Acquire::http::Timeout "20";
    Dir::State "${work}/state/";
    Dir::State::status "${work}/status";
    Dir::Cache "${work}/cache/";
    Dir::Etc::sourcelist "${work}/sources.list";
    Dir::Etc::sourceparts "/dev/null";
    Dir::Etc::preferences "/dev/null";
    Dir::Etc::preferencesparts "/dev/null";
    #clear APT::Update::Pre-Invoke;
    #clear APT::Update::Post-Invoke;
    #clear APT::Update::Post-Invoke-Success;
  `;
}

/** The mirror this Debian installs from, as apt itself understands its sources. */
async function systemMirror(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const { stdout } = await run('apt-get', ['indextargets', ...format]).catch(() => ({ stdout: '' }));
  const targets = stdout.split('\n').map((line) => line.split(' '));
  const own = /^ID=debian$/m.test(release)
    ? targets.find(([, suite, component]) => suite === codename && component === 'main')
    : undefined;
  return own?.[0] ?? DEBIAN.defaultMirror;
}

function missingLibrary(glibc: string, error: unknown): string {
  const output = z.object({ stderr: z.string().min(1) }).safeParse(error);
  const detail = output.success ? output.data.stderr : error instanceof Error ? error.message : String(error);
  const needed = `${NEEDED_GLIBC.major}.${NEEDED_GLIBC.minor}`;
  return (
    `The embedded database needs glibc ${needed} or newer (this system has ${glibc}), and Debian ` +
    `${DEBIAN.release}'s could not be fetched: ${detail.trim().split('\n')[0]}. ${otherWay()}`
  );
}
