/**
 * Recognises who says on the day of their visit that they are on their way but late. Only asked near a visit,
 * where "late" means the buyer and not the building.
 */

/** How late, as far as the words say; `{}` when they say that it is late, but not by how much. */
export type Lateness = { minutes?: number };

const LATE = [
  // "running late", "I'm 20 mins late", "might be a bit late"
  /\b(?:run(?:ning|nin)?|be|am|i ?m|im|getting|bit|little|slightly|by|min(?:ute)?s?|hours?)(?: \S+){0,4} late\b/,
  /\blate (?:by|ho|hu|hun|hoon|hua|hui|honge|hoga|aa|ayenge|aaunga|aaungi|pahunch|pohonch|se)\b/,
  /\b(?:delayed|running behind|held up)\b/,
  /\b(?:stuck|caught|struck) (?:in|on|at|with)\b.*\b(?:traffic|jam|signal|toll|highway|expressway|road|metro)\b/,
  /\b(?:traffic|jam)\b.*\b(?:stuck|late|der|phas\w*|fas\w*|ph?ans\w*|atka|atke|atki|slow|heavy|lag)\b/,
  /\b(?:heavy|too much|lot of|bahut|bohot|kaafi|kafi|itna) (?:traffic|jam)\b/,
  /\b(?:reach(?:ing)?|arriv(?:e|ing)|be there|coming|there) (?:in|within|by another) (?:\S+ ){0,2}(?:min(?:ute)?s?|hours?|hrs?|half)\b/,
  /\b(?:thodi|thodi si|thora|thoda|kuch|zara|bahut|bohot) (?:der|deri|late)\b/,
  /\b(?:der|deri) (?:ho|hogi|se|lag|lagegi|hui|mein|me)\b/,
  /\b(?:min(?:ute)?s?|minat|mint|mnt|ghante?|ghanta|hours?) (?:me|mein|main|mai|m|aur)\b.*\b(?:pahu\w*|pahonch\w*|poho\w*|pohu\w*|puhch\w*|aa|aata|aati|aate|ata|ati|aaunga|aaungi|aunga|aungi|reach)\b/,
  /(?:देर|लेट|विलंब)/u,
  /(?:ट्रैफ़िक|ट्रैफिक|ट्रॅफिक|जाम).*(?:फँस|फंस|अटक|फस)/u,
  /(?:मिनट|घंटे|घंटा).*(?:पहुँच|पहुंच|पहुच|आ रह|आऊँ|आऊं)/u,
];

/** What is said of other days, other matters, or by somebody who asks for a new time. */
const ELSEWHERE =
  /\b(?:too late|later|latest|lately|cancel|resched\w*|postpone|shift|move|change|badal\w*|another (?:day|time)|other day|tomorrow|kal|parso|possession|construction|handover|payment|instal?ment|refund|emi|interest|demand|fees?)\b|(?:कल|परसों|रद्द|पज़ेशन|पजेशन|भुगतान|किस्त)/u;

const DIGITS = '०१२३४५६७८९';
const HALF_HOUR = /\b(?:half (?:an )?hour|aadha gh?anta|adha gh?anta|aadhe gh?ante)\b|आध[ाे] घंट/u;
const HOURS =
  /(?:^|\s)(\d{1,2}(?:\.5)?|an?|one|ek|एक|do|two|दो)\s*(?:hours?|hrs?|gh?anta|gh?ante|घंट[ाे])(?=\s|$)/u;
const MINUTES = /(\d{1,3})(?:\s*(?:-|to|se)\s*(\d{1,3}))?\s*(?:min(?:ute)?s?|minat|mint|mnt|मिनट)/u;
const WORDS_OF_HOURS: Record<string, number> = { a: 1, an: 1, one: 1, ek: 1, एक: 1, do: 2, two: 2, दो: 2 };

/** What a message says about coming late, in English, Hindi or Hinglish; undefined when it says nothing of it. */
export function readLateness(text: string): Lateness | undefined {
  const words = plain(text);
  if (ELSEWHERE.test(words) || !LATE.some((pattern) => pattern.test(words))) return undefined;
  const minutes = minutesIn(words);
  return minutes === undefined ? {} : { minutes };
}

/** "10-15 min" may be fifteen. */
function minutesIn(words: string): number | undefined {
  const [, from, to] = MINUTES.exec(words) ?? [];
  if (from) return Number(to ?? from);
  if (HALF_HOUR.test(words)) return 30;
  const hours = HOURS.exec(words)?.[1];
  return hours === undefined ? undefined : Math.round((WORDS_OF_HOURS[hours] ?? Number(hours)) * 60);
}

function plain(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[०-९]/gu, (digit) => `${DIGITS.indexOf(digit)}`)
    .replace(/[’'`]/g, ' ')
    .replace(/(\d)(?=[a-z])/g, '$1 ')
    .replace(/[^\p{L}\p{M}\p{N}.\-\s]|\.(?!\d)/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
