import { setFlagsFromString } from 'node:v8';

/**
 * So much garbage may lie beside what is in use before it is collected, in per cent of what is in use. Left to
 * itself V8 lets the heap grow to about four times what is in use: measured in a campaign of 10,000, 60 MB in use and
 * 250 MB on the heap, whose height then depended on how long the process had been busy. At 50 the peak is flat from a
 * thousand recipients to ten thousand, and no reminder goes out more slowly (`npm run bench -- campaign`).
 */
const GARBAGE_PERCENT = 50;

/** Keeps the memory of this process near what is in use. To be called once, when it begins. */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}
