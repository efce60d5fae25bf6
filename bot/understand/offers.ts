import { foldedWords } from './phrases.ts';
import { fold } from './spelling.ts';
import { any, standing } from './wordPatterns.ts';

/**
 * Whether a message speaks of offers and advertisements alone: "no offers please" stops those, and nothing that
 * concerns the buyer. Whoever names messages altogether besides means them all.
 */

const OFFERS = any(
  'offer offers promo promos promotion promotions promotional marketing ad ads advert adverts advertisement advertisements advertising scheme schemes launches discounts prachar vigyapan jahirat jaherat ऑफर ऑफ़र ऑफर्स विज्ञापन प्रचार स्कीम जाहिरात ઓફર જાહેરાત অফার বিজ্ঞাপন ਆਫਰ ਇਸ਼ਤਿਹਾਰ ஆஃபர் விளம்பரம் ఆఫర్లు ప్రకటనలు ಆಫರ್ ಜಾಹೀರಾತು ഓഫർ പരസ്യം',
);
const MESSAGES = any(
  'message messages messaging msg msgs massage sms text texts mail mails call calls notification notifications मेसेज मैसेज संदेश',
);
/** Messages of offers are offers. */
const OF_OFFERS = [
  standing(`${OFFERS}(?: ${any('ke ka ki wale vale wala related type के वाले')})? ${MESSAGES}`),
  standing(`${MESSAGES} ${any('about of for with regarding')}(?: ${any('new your any the')})? ${OFFERS}`),
];
const OFFER = ` ${fold('offer')} `;
const NAMES_OFFERS = standing(OFFERS);
/** What goes beyond offers. */
const BEYOND = standing(
  `(?:${MESSAGES}|${any('anything nothing everything all_of_it sab_kuch kuch_bhi kuchh_bhi updates update spam greetings wishes forwards forward good_mornings good_morning number list')})`,
);
const REFUSAL = standing(
  `(?:${any('please pls plz kindly ok')} )*${any('no stop no_more not_interested_in')}(?: ${any('the your any these such more sending')})* ${OFFERS}(?: ${MESSAGES})?(?: ${any('please pls plz kindly thanks thank_you sir madam ji bhai')})*`,
);

/** True when what a message wants or refuses are offers alone. */
export function isAboutOffersOnly(text: string): boolean {
  const all = ` ${foldedWords(text).join(' ')} `;
  const words = OF_OFFERS.reduce((left, each) => left.replace(each, OFFER), all);
  return NAMES_OFFERS.test(words) && !BEYOND.test(words);
}

/** True when a message is nothing but a refusal of offers, and no question about them: "no offers please". */
export function isRefusalOfOffers(text: string, words: string[]): boolean {
  const whole = ` ${words.join(' ')} `;
  return !text.includes('?') && REFUSAL.exec(whole)?.[0] === whole;
}
