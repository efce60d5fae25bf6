import { requirePaise } from './money.ts';

const PAISE_PER_RUPEE = 100;

const ENGLISH_TO_19 =
  'Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen Eighteen Nineteen'.split(
    ' ',
  );
const ENGLISH_TENS = '- - Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety'.split(' ');
/** Hindi has a word of its own for each number below a hundred. */
const HINDI_TO_99 = [
  'शून्य एक दो तीन चार पाँच छह सात आठ नौ',
  'दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस',
  'बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस',
  'तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस',
  'चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास',
  'पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ',
  'साठ इकसठ बासठ तिरेसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर',
  'सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी',
  'अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी',
  'नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे',
].flatMap((ten) => ten.split(' '));

/** What a language writes sums of money with. */
type Wording = {
  below100: (number: number) => string;
  scales: readonly [crore: string, lakh: string, thousand: string, hundred: string];
  whole: (rupees: string, paise: string | undefined) => string;
};

const WORDING: Record<'en' | 'hi', Wording> = {
  en: {
    below100: englishBelow100,
    scales: ['Crore', 'Lakh', 'Thousand', 'Hundred'],
    whole: (rupees, paise) => `Rupees ${rupees}${paise ? ` and ${paise} Paise` : ''} Only`,
  },
  hi: {
    below100: (number) => HINDI_TO_99[number] ?? '',
    scales: ['करोड़', 'लाख', 'हज़ार', 'सौ'],
    whole: (rupees, paise) => `रुपये ${rupees}${paise ? ` और ${paise} पैसे` : ''} मात्र`,
  },
};

/**
 * An amount in words with Indian grouping, as cheques and receipts have it: `Rupees Twelve Crore Thirty-Four Lakh
 * Fifty-Six Thousand Seven Hundred Eighty-Nine Only`, `रुपये एक लाख मात्र`; a part of a rupee is named too. Throws
 * RangeError for an amount below zero, or one that is not a safe integer of paise.
 */
export function amountInWords(amountPaise: number, language: 'en' | 'hi'): string {
  requirePaise(amountPaise);
  if (amountPaise < 0) throw new RangeError(`No amount below zero is written in words: ${amountPaise}`);
  const wording = WORDING[language];
  const paise = amountPaise % PAISE_PER_RUPEE;
  const rupees = (amountPaise - paise) / PAISE_PER_RUPEE;
  return wording.whole(inWords(rupees, wording), paise === 0 ? undefined : wording.below100(paise));
}

/** Above the crore there is no further word in common use: `One Lakh Crore`. */
function inWords(number: number, wording: Wording): string {
  if (number < 100) return wording.below100(number);
  const [crore, lakh, thousand, hundred] = wording.scales;
  const parts = [
    [Math.floor(number / 10_000_000), crore],
    [Math.floor(number / 100_000) % 100, lakh],
    [Math.floor(number / 1_000) % 100, thousand],
    [Math.floor(number / 100) % 10, hundred],
  ] as const;
  const named = parts.flatMap(([count, scale]) =>
    count === 0 ? [] : [`${inWords(count, wording)} ${scale}`],
  );
  const rest = number % 100;
  return [...named, ...(rest === 0 ? [] : [wording.below100(rest)])].join(' ');
}

function englishBelow100(number: number): string {
  if (number < 20) return ENGLISH_TO_19[number] ?? '';
  const ten = ENGLISH_TENS[Math.floor(number / 10)] ?? '';
  return number % 10 === 0 ? ten : `${ten}-${ENGLISH_TO_19[number % 10]}`;
}
