import type { Intent } from '../../flows/types.ts';
import { fold, romanise } from './spelling.ts';

/** Phrases whose meaning is certain when the whole message consists of them. Written once, matched in any spelling. */
const PHRASES: Readonly<Record<Kind, string>> = {
  stop:
    'stop, stop it, stop all, stop this, unsubscribe, unsubcribe, unsub, opt out, optout, end, quit, roko, band karo, ' +
    'band kar do, band kar dijiye, band kijiye, band karen, band kariye, mat bhejo, mat bhejiye, mat bhejna, mat bhej, ' +
    'na bhejen, message mat bhejo, message band karo, stop messages, stop messaging, dnd, do not disturb, remove me',
  human:
    'agent, human, real person, person, operator, representative, executive, customer care, talk to agent, ' +
    'talk to human, talk to a human, talk to a person, speak to a human, speak to agent, talk to someone, call me, ' +
    'call me back, call back, callback, call karo, call kijiye, call karen, call kar do, mujhe call karo, phone karo, ' +
    'phone kijiye, baat karni hai, kisi se baat karni hai, kisi se baat karao, insaan se baat karao, ' +
    'mujhe baat karni hai, agent se baat karni hai, agent se baat karao',
  wrong: 'wrong number, wrong no, galat number, rong number, wrong person',
  start:
    'start, resume, subscribe, resubscribe, unstop, opt in, optin, chalu karo, chalu kar do, shuru karo, start karo',
  yes:
    'yes, y, yep, yup, yeah, yess, haan, ha, han, haanji, hanji, ok, okay, okey, okk, oky, okie, okies, sure, ' +
    'ji haan, yes please, of course, absolutely, affirmative, i agree, agreed, go ahead, 👍, 👌',
  softYes:
    'theek hai, thik hai, theek h, theek, thik, tik hai, bilkul, sahi hai, sahi, zaroor, jarur, pakka, confirm, ' +
    'confirmed, correct, right, perfect, fine, chalega, done, ho jayega, kar do, kar dijiye, manzoor, great, accha, ' +
    'sounds good, works, good, ✅, ✔',
  no:
    'no, nope, nahi, nahin, nhi, nai, nahee, not now, abhi nahi, no need, not required, never, zarurat nahi, ' +
    'jarurat nahi, rehne do, rahne do, nahi chahiye, mat karo, no thanks, no thank you, nah, na ji, not really, ' +
    'not yet, never mind, 👎, ❌',
  thanks:
    'thanks, thank you, thankyou, thank u, thanku, thnx, thx, tnx, ty, tysm, shukriya, dhanyavaad, dhanyawad, ' +
    'many thanks, thanks a lot, thank you so much, thank you very much, bahut shukriya, bahut dhanyavaad, thenks, meherbani',
  greeting:
    'hi, hii, hello, helo, hlo, hey, hai there, namaste, namaskar, namaskaram, good morning, good afternoon, ' +
    'good evening, gm, suprabhat, ram ram, salaam, salam, pranam, vanakkam, sat sri akal, jai shree krishna, ' +
    'jai shri ram, radhe radhe, jai jinendra, assalamualaikum, haay',
  // Politeness beside other words, a yes when it stands alone.
  ji: 'ji, jee, hm, hmm',
  handsFolded: '🙏, ❤, 😊, 🙂, 😀',
  filler:
    'sir, madam, mam, maam, bhai, bhaiya, please, pls, plz, kindly, team, there, dear, everyone, all, na, ' +
    'hai, to, now, abhi, yaar, very, bahut, boss, again, aap ko, to you, this, that',
};
type Kind =
  | 'stop'
  | 'human'
  | 'wrong'
  | 'start'
  | 'yes'
  | 'softYes'
  | 'no'
  | 'thanks'
  | 'greeting'
  | 'ji'
  | 'handsFolded'
  | 'filler';

/** Which meaning wins when a message holds several: "hello, ok, stop" is a stop. */
const MEANINGS: ReadonlyArray<readonly [Kind, Intent]> = [
  ['stop', 'opt_out'],
  ['human', 'human_request'],
  ['wrong', 'wrong_number'],
  ['start', 'opt_in'],
  ['no', 'deny'],
  ['thanks', 'thanks'],
  ['yes', 'affirm'],
  ['softYes', 'affirm'],
  ['greeting', 'greeting'],
  ['ji', 'affirm'],
  ['handsFolded', 'thanks'],
];

const WORD = /[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu;
const LONGEST_PHRASE = 5;
const kinds = new Map<string, Kind>();
for (const kind of Object.keys(PHRASES) as Kind[]) {
  for (const phrase of PHRASES[kind].split(', ')) kinds.set(foldedWords(phrase).join(' '), kind);
}

/** The words and emoji of a message, in Latin letters with spelling folded, punctuation gone: `["mat", "bejo"]`. */
export function foldedWords(text: string): string[] {
  return (romanise(text).replace(/'/gu, '').match(WORD) ?? []).map(fold);
}

/**
 * What a message means when it holds nothing but well-known phrases ("ok ji 👍", "मत भेजो", "hello, call me"),
 * else undefined. "Stop by the site tomorrow" has other words, so it is not a stop.
 */
export function wellKnownMeaning(words: string[]): Intent | undefined {
  const found = new Set<Kind>();
  for (let i = 0; i < words.length; ) {
    const length = phraseLengthAt(words, i);
    if (length === 0) return undefined;
    found.add(kinds.get(words.slice(i, i + length).join(' ')) ?? 'filler');
    i += length;
  }
  const contradicts = found.has('yes') && found.has('no');
  return contradicts ? undefined : MEANINGS.find(([kind]) => found.has(kind))?.[1];
}

/** How many words the longest known phrase at this place has; 0 when none starts here. */
function phraseLengthAt(words: string[], start: number): number {
  for (let length = Math.min(LONGEST_PHRASE, words.length - start); length > 0; length--) {
    if (kinds.has(words.slice(start, start + length).join(' '))) return length;
  }
  return 0;
}
