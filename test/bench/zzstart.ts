import { mkdtempSync, rmSync } from 'node:fs';
import { startApp } from '../app.ts';
import { startSurroundings } from '../surroundings.ts';
import { usageOf } from './figures.ts';
const dataDir = mkdtempSync('/tmp/wk/st-');
const s = await startSurroundings({ statuses: [] });
for (let i=0;i<5;i++) {
const t = Date.now();
const app = startApp({ dataDir, port: s.port, env: { ...s.env, BURST_WINDOW_MS: '0' }, nodeArgs: (i===4 ? process.env.NARGS ?? '' : '').split(' ').filter(Boolean) });
await app.ready();
console.log(Date.now()-t, usageOf(app.pid));
await app.end(i % 2 ? 'SIGKILL' : 'SIGTERM'); }
await s.stop(); rmSync(dataDir, {recursive: true});
