/**
 * Opens one PDF in a thread of its own, so that a document which was made to take for ever, or all memory, takes
 * neither from the product: its parent ends this thread. Plain JavaScript, so that any loader runs it.
 *
 * In: the bytes as `workerData`. Out: `{pages}`, or `{problem}`, one of locked, broken, empty.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';

parentPort?.postMessage(await opened(workerData));

async function opened(bytes) {
  try {
    const document = await getDocumentProxy(bytes, { verbosity: 0, stopAtErrors: true });
    const pages = document.numPages;
    if (pages > 0) await document.getPage(1);
    return pages > 0 ? { pages } : { problem: 'empty' };
  } catch (error) {
    return { problem: error?.name === 'PasswordException' ? 'locked' : 'broken' };
  }
}
