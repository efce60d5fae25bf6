import { conceptsOf } from './concepts.ts';
import { tokensOf } from './features.ts';

/** True when a message asks for less than the price: "last price?", "kuch kam karo", "5 lakh off". */
export function bargainsIn(text: string): boolean {
  return conceptsOf(tokensOf(text)).includes('bargain');
}
