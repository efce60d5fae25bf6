import type { Language, Sentiment } from '../../flows/types.ts';
import { fold, romanise } from './spelling.ts';

/** Hindi words in Latin letters that English does not have. */
const HINDI = wordSet(
  'hai hain hoon hun kya kab kaise kese kahan kaha kidhar kyu kyun kyon kaun kitna kitne kitni mujhe muje mera meri mere ' +
    'hum humko hume hamara hamari hamare aap aapka aapke aapki aapko apna apne tum tumhara yeh woh wo nahi nahin nhi nai haan ' +
    'karo karna karni karne kar kiya kijiye karenge karunga karungi karu kare karen dunga denge dijiye dedo chahiye chahie ' +
    'chaiye bhej bhejo bhejiye bheja bhejna batao bataiye bata dikhao dekhna dekhne raha rahe rahi gaya gayi gaye tha thi hua ' +
    'hui hoga hogi honge ka ki ke ko se mein mai pe tak wala wali wale aur lekin phir abhi kal parso aaj baje subah shaam sham ' +
    'dopahar raat din mahine hafte saal paisa paise ghar kuch koi sab bahut thoda accha acha theek thik kripya shukriya ' +
    'dhanyavaad dhanyawad jaldi baad pehle andar bahar saath liye bhi toh jab agar warna varna maaf byaj rasid kist aana aaunga ' +
    'aayenge aa jaunga jaenge milega milegi lena lenge diya di gayi band mat chalega bilkul zaroor pakka somvar mangalvar ' +
    'budhvar guruvar shukravar shanivar ravivar tareek tarikh pitaji guzar bolo suno matlab samjhao lagega lagta kam zyada sakta sakte sakti',
);
/** Words that Indian English borrows: they count for little. */
const BORROWED = wordSet('ji bhai namaste namaskar yaar bhaiya accha arre sahab beta');
/** English words that look like Hindi ones once folded. */
const ENGLISH_TOO = wordSet(
  'a i or by she than been say me main to do is so the par are in us sun log man ban pay ha hi sat kal he tak mat band',
);

const POSITIVE = wordSet(
  'great good nice excellent superb awesome happy love loved lovely perfect wonderful amazing thanks thank thankyou best ' +
    'helpful glad accha badhiya mast shandar khush shukriya dhanyavaad dhanyawad pasand meherbani beautiful appreciate impressed',
);
const NEGATIVE = wordSet(
  'bad worst pathetic terrible horrible poor rude angry disappointed useless fraud cheat cheated cheating fake delay late ' +
    'leakage leak broken problem issue wrong complaint harassment harass bekar bekaar ghatiya kharab bakwas dhokha dhoka galat ' +
    'pareshan gussa jhooth jhuth shikayat dukhi nakli thagi frustrated disgusting unprofessional careless sad damage damaged ' +
    'rejected overcharged unfair court rera expired died unhappy badtameezi tang lut loot scam mehnga sue legal',
);
const NEGATIONS = wordSet('not no never nahi nahin nhi nai dont didnt isnt wasnt mat without');
const POSITIVE_EMOJI = /[😀😃😄😁😊🙂😍🥰👍👌🙏❤🎉✨💐🤝]/gu;
const NEGATIVE_EMOJI = /[😡😠🤬😞😢😭👎💔😤😒😔🙁☹]/gu;
const FULLY_HINDI = 0.14;

/** The language to answer in: Devanagari is Hindi, Latin letters with Hindi words are Hinglish, the rest English. */
export function readLanguage(text: string): Language {
  if (/\p{Script=Devanagari}/u.test(text)) return 'hi';
  const words = wordsOf(text);
  let weight = 0;
  for (const word of words) {
    if (ENGLISH_TOO.has(word) && words.length > 1) continue;
    if (BORROWED.has(word)) weight += words.length === 1 ? 1 : 0.4;
    else if (HINDI.has(word)) weight += 1;
  }
  return words.length > 0 && weight / words.length >= FULLY_HINDI ? 'hinglish' : 'en';
}

/** The mood of a message by its words and emoji; a negation just before or after a praise turns it. */
export function readSentiment(text: string): Sentiment {
  const words = wordsOf(text);
  let mood = 1.5 * ((text.match(POSITIVE_EMOJI) ?? []).length - (text.match(NEGATIVE_EMOJI) ?? []).length);
  words.forEach((word, i) => {
    const near = [words[i - 2], words[i - 1], words[i + 1]];
    const isTurned = near.some((other) => other !== undefined && NEGATIONS.has(other));
    if (POSITIVE.has(word)) mood += isTurned ? -1 : 1;
    else if (NEGATIVE.has(word)) mood += isTurned ? 0.5 : -1;
  });
  if (mood >= 1) return 'positive';
  return mood <= -1 ? 'negative' : 'neutral';
}

function wordsOf(text: string): string[] {
  return (
    romanise(text)
      .replace(/'/gu, '')
      .match(/[\p{L}\p{M}]+/gu) ?? []
  ).map(fold);
}

function wordSet(words: string): Set<string> {
  return new Set(words.split(' ').map(fold));
}
