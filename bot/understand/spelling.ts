/**
 * One spelling for two scripts and many hands: Devanagari is read into Latin letters, and the ways of typing
 * the same sound ("nahee", "nahi", "नहीं") are folded together.
 */

const CONSONANTS: Readonly<Record<string, string>> = {
  क: 'k',
  ख: 'kh',
  ग: 'g',
  घ: 'gh',
  ङ: 'n',
  च: 'ch',
  छ: 'chh',
  ज: 'j',
  झ: 'jh',
  ञ: 'n',
  ट: 't',
  ठ: 'th',
  ड: 'd',
  ढ: 'dh',
  ण: 'n',
  त: 't',
  थ: 'th',
  द: 'd',
  ध: 'dh',
  न: 'n',
  प: 'p',
  फ: 'ph',
  ब: 'b',
  भ: 'bh',
  म: 'm',
  य: 'y',
  र: 'r',
  ल: 'l',
  व: 'v',
  श: 'sh',
  ष: 'sh',
  स: 's',
  ह: 'h',
  ळ: 'l',
};
const VOWELS: Readonly<Record<string, string>> = {
  अ: 'a',
  आ: 'aa',
  इ: 'i',
  ई: 'ee',
  उ: 'u',
  ऊ: 'oo',
  ऋ: 'ri',
  ए: 'e',
  ऐ: 'ai',
  ऑ: 'o',
  ओ: 'o',
  औ: 'au',
};
const SIGNS: Readonly<Record<string, string>> = {
  'ा': 'aa',
  'ि': 'i',
  'ी': 'ee',
  'ु': 'u',
  'ू': 'oo',
  'ृ': 'ri',
  'ॅ': 'e',
  'े': 'e',
  'ै': 'ai',
  'ॉ': 'o',
  'ो': 'o',
  'ौ': 'au',
};
const VIRAMA = '्';
const NUKTA = '़';
const NASALS = 'ंँ';

type Syllable = { onset: string; vowel: string; inherent: boolean; nasal: string };

/** The message in lower case with ASCII digits and Latin letters for Devanagari; other scripts stay as they are. */
export function romanise(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Script=Inherited}|\p{Cf}/gu, '')
    .toLowerCase()
    .replace(/[’‘`]/gu, "'")
    .replace(/[०-९]/gu, (digit) => String(digit.charCodeAt(0) - 0x966))
    .replace(/।/gu, '.')
    .replace(/बी\s*\.?\s*एच\s*\.?\s*के/gu, 'bhk')
    .replace(/[ऀ-ॿ]+/gu, romaniseWord);
}

/**
 * A Latin word with its spelling variants folded away; the result is a key to compare by, not a word to read.
 * Example: `fold('nahee') === fold('nahin')`
 */
export function fold(word: string): string {
  const known = FOLDED.get(word);
  if (known !== undefined) return known;
  const folded = foldOnce(word);
  if (word.length <= LONGEST_KEPT) {
    if (FOLDED.size >= WORDS_KEPT) FOLDED.clear();
    FOLDED.set(word, folded);
  }
  return folded;
}

/** People's words repeat: each is folded once, and forgotten with all others when there are too many. */
const FOLDED = new Map<string, string>();
const WORDS_KEPT = 20_000;
const LONGEST_KEPT = 24;

function foldOnce(word: string): string {
  return word
    .replace(/ee/gu, 'i')
    .replace(/oo/gu, 'u')
    .replace(/(\p{L})\1+/gu, '$1')
    .replace(/ph/gu, 'f')
    .replace(/w/gu, 'v')
    .replace(/z/gu, 'j')
    .replace(/q|ck/gu, 'k')
    .replace(/x/gu, 'ks')
    .replace(/([bcdfgjklmnprst])h+/gu, '$1')
    .replace(/iy(?=[aeo])/gu, 'i')
    .replace(/[ae][iy]/gu, 'e')
    .replace(/au/gu, 'o')
    .replace(/y$/u, 'i')
    .replace(/([aeiou])n$/u, '$1');
}

/**
 * A milder fold for words where a breath matters: "saat" (seven) and "saath" (sixty, with) stay apart, "teen" and
 * "tin" do not.
 */
export function foldVowels(word: string): string {
  return word
    .replace(/ee/gu, 'i')
    .replace(/oo/gu, 'u')
    .replace(/(\p{L})\1+/gu, '$1')
    .replace(/w/gu, 'v')
    .replace(/([aeiou])n$/u, '$1');
}

/** The consonants of a folded word, which survive most careless typing: `skeleton('kitna') === 'ktn'`. */
export function skeleton(folded: string): string {
  return folded.replace(/[aeiouyh]/gu, '').replace(/(.)\1+/gu, '$1');
}

function romaniseWord(word: string): string {
  const syllables = readSyllables(word);
  dropSilentVowels(syllables);
  return syllables.map(({ onset, vowel, nasal }) => onset + vowel + nasal).join('');
}

function readSyllables(word: string): Syllable[] {
  const syllables: Syllable[] = [];
  for (const letter of word) {
    const last = syllables.at(-1);
    const consonant = CONSONANTS[letter];
    const sign = SIGNS[letter];
    if (consonant !== undefined) {
      syllables.push({ onset: consonant, vowel: 'a', inherent: true, nasal: '' });
    } else if (VOWELS[letter] !== undefined) {
      syllables.push({ onset: '', vowel: VOWELS[letter] ?? '', inherent: false, nasal: '' });
    } else if (last !== undefined && sign !== undefined) {
      Object.assign(last, { vowel: sign, inherent: false });
    } else if (last !== undefined && letter === VIRAMA) {
      Object.assign(last, { vowel: '', inherent: false });
    } else if (last !== undefined && letter === NUKTA) {
      last.onset = { j: 'z', ph: 'f' }[last.onset] ?? last.onset;
    } else if (last !== undefined && NASALS.includes(letter)) {
      last.nasal = 'n';
    }
  }
  return syllables;
}

/** Hindi does not speak an inherent "a" at a word's end, nor between two spoken vowels: करना is "karna". */
function dropSilentVowels(syllables: Syllable[]): void {
  for (let i = syllables.length - 1; i > 0; i--) {
    const syllable = syllables[i];
    if (syllable === undefined || !syllable.inherent || syllable.nasal !== '') continue;
    const next = syllables[i + 1];
    const before = syllables[i - 1];
    const betweenVowels =
      next !== undefined && next.vowel !== '' && next.onset !== '' && before?.vowel !== '';
    if (next === undefined || betweenVowels) syllable.vowel = '';
  }
}
