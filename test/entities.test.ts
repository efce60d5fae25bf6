import { describe, expect, it } from '@jest/globals';
import { DateTime } from 'luxon';
import { readEntities } from '../bot/understand/entities.ts';
import { masked } from '../bot/understand/identity.ts';
import { PHRASE_FILES, type PhraseFile, readPhrases } from '../bot/understand/phraseFiles.ts';

const timeZone = 'Asia/Kolkata';
/** A Monday. */
const now = new Date('2026-11-23T10:00:00+05:30');
const LAKH_PAISE = 10_000_000;

function read(text: string, at: Date = now) {
  return readEntities(text, { now: at, timeZone });
}

/** The day or moment read, as local time in the project's zone. */
function moment(text: string, at: Date = now): string | undefined {
  const entities = read(text, at);
  if (entities.at === undefined) return entities.date;
  return DateTime.fromJSDate(entities.at, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm");
}

const LEAST_SHARE_RIGHT = 0.92;

describe('phrases as people write them', () => {
  it.each(Object.keys(PHRASE_FILES) as PhraseFile[])(
    'reads at least 92 %% of the %s ones exactly',
    (file) => {
      const { count, misses } = readPhrases(file);
      if (1 - misses.length / count < LEAST_SHARE_RIGHT)
        throw new Error(`${misses.length} of ${count} misread:\n${misses.join('\n')}`);
      expect(count).toBeGreaterThanOrEqual(110);
    },
  );
});

describe('days and times', () => {
  it.each([
    ['kal 4 baje', '2026-11-24T16:00'],
    ['aaj shaam 5 baje', '2026-11-23T17:00'],
    ['parso', '2026-11-25'],
    ['narso 3 baje', '2026-11-26T15:00'],
    ['day after tomorrow 3pm', '2026-11-25T15:00'],
    ['tomorrow morning', '2026-11-24'],
    ['Sat 4pm visit, 3 log', '2026-11-28T16:00'],
    ['shanivaar ko 11 baje', '2026-11-28T11:00'],
    ['somvaar', '2026-11-30'],
    ['come on sun 11 am', '2026-11-29T11:00'],
    ['Mon 12', '2026-11-30T12:00'],
    ['Sun?', '2026-11-29'],
    ['Monday 4pm', '2026-11-30T16:00'],
    ['रविवार', '2026-11-29'],
    ['रविवार को ५ बजे', '2026-11-29T17:00'],
    ['बुधवार दोपहर 3 बजे', '2026-11-25T15:00'],
    ['साढ़े पाँच बजे परसों', '2026-11-25T17:30'],
    ['next week', '2026-11-30'],
    ['next saturday at 4', '2026-12-05T16:00'],
    ['अगले शनिवार 11 बजे', '2026-11-28T11:00'],
    ['10 tareek ko pakka dunga', '2026-12-10'],
    ['agle mahine 5 tareek ko', '2026-12-05'],
    ['28 Nov', '2026-11-28'],
    ['Nov 28 at 3', '2026-11-28T15:00'],
    ["I'm free on 2nd Dec", '2026-12-02'],
    ['22nd', '2026-12-22'],
    ['22 ko aa raha hu', '2026-12-22'],
    ['28/11 4:30 pm', '2026-11-28T16:30'],
    ['28.11.26', '2026-11-28'],
    ['1st jan', '2027-01-01'],
    ['subah 11 baje', '2026-11-23T11:00'],
    ['5 baje', '2026-11-23T17:00'],
    ['9 baje subah', '2026-11-24T09:00'],
    ['raat 8 baje', '2026-11-23T20:00'],
    ['dedh baje kal', '2026-11-24T13:30'],
    ['paune paanch baje kal', '2026-11-24T16:45'],
    ['Thursday 2.30', '2026-11-26T14:30'],
    ['17:30 friday', '2026-11-27T17:30'],
    ['4 to 5 pm tomorrow', '2026-11-24T16:00'],
    ['11-12 baje kal', '2026-11-24T11:00'],
    ['5ish tomorrow evening', '2026-11-24T17:00'],
    ['tomorrow at noon', '2026-11-24T12:00'],
    ['Inspection Sunday 11?', '2026-11-29T11:00'],
    ['2 din baad', '2026-11-25'],
    ['ek hafte baad', '2026-11-30'],
    ['in 3 days', '2026-11-26'],
    ['this weekend', '2026-11-28'],
    ['month end tak', '2026-11-30'],
    ['agle mahine ke end me', '2026-12-31'],
    ['dec end tak', '2026-12-31'],
    ['5th of next month', '2026-12-05'],
    ['agle hafte shukravar', '2026-12-04'],
    ['friday next week', '2026-12-04'],
    ['hafte baad', '2026-11-30'],
    ['ten minutes late, half past three instead tomorrow', '2026-11-24T15:30'],
    ['raat 12 baje tak', '2026-11-24T00:00'],
    ['kal aana hai, subah phone mat karna, 3 baje', '2026-11-24T15:00'],
  ])('reads "%s"', (text, expected) => {
    expect(moment(text)).toBe(expected);
  });

  it.each([
    ['kal ki jagah monday ko aau?', '2026-11-30'],
    ["Can't make Saturday, Sunday 4 works", '2026-11-29T16:00'],
    ['Sunday instead of Saturday', '2026-11-29'],
    ['kal nahi aa paunga, parso rakh lo', '2026-11-25'],
    ['kal 11 baje ki jagah 1 baje kar do', '2026-11-24T13:00'],
    ['due date 30 nov se badhakar 31 dec kar do', '2026-12-31'],
  ])('keeps the day that "%s" asks for, not the one it sets aside', (text, expected) => {
    expect(moment(text)).toBe(expected);
  });

  it.each([
    ['kal raat transfer kiya tha', '2026-11-22'],
    ['paid on 20th', '2026-11-20'],
    ['payment done on 28 Oct', '2026-10-28'],
    ['aaj payment kar diya', '2026-11-23'],
    ['transferred last thursday', '2026-11-19'],
    ['हफ्ते भर में 28 अक्टूबर को भेजा था', '2026-10-28'],
  ])('looks back in talk of the past: "%s"', (text, expected) => {
    expect(moment(text)).toBe(expected);
  });

  it.each([
    '32 tareek',
    '30 feb',
    'sun na bhai',
    'sat sri akal ji',
    '80-85 lakh',
    'budget 10-11 lakh',
    'need 15 days pls',
    '1203 to 903 change?',
    'family ke saath',
    'I am free to talk',
    'flat 12/4 ka kya hua 2bhk',
    'my number is 9999900001',
    '3 log',
    'to kya hua',
    '2 mahine se wait kar raha hu',
    '2 din ke liye bahar hu',
    'aaj kal rate kya chal raha hai',
    '10 se 15 dec ke beech',
    'dusri tareek do',
    '4th reminder',
  ])('reads no day in "%s"', (text) => {
    expect(moment(text)).toBeUndefined();
  });

  it('never answers talk of a visit with the past, at any hour of the year', () => {
    const phrases = [
      'aaj 9 baje',
      'aaj shaam 5 baje',
      'kal 11 baje',
      'sunday 4pm',
      '1st',
      '29 tareek',
      '31 dec 10 am',
      '4 baje',
      'somvar',
    ];
    for (let hour = 0; hour < 366 * 24; hour += 31) {
      const at = new Date(Date.UTC(2027, 0, 1, hour));
      for (const phrase of phrases) {
        const entities = read(phrase, at);
        if (entities.at !== undefined) expect(entities.at.getTime()).toBeGreaterThan(at.getTime());
        const today = DateTime.fromJSDate(at, { zone: timeZone }).toISODate() ?? '';
        if (entities.date !== undefined) expect(entities.date >= today).toBe(true);
      }
    }
  });

  it('counts days in the zone, not in UTC', () => {
    const lateEvening = new Date('2026-11-23T20:00:00Z');
    expect(read('kal', lateEvening).date).toBe('2026-11-25');
    expect(readEntities('tomorrow', { now: lateEvening, timeZone: 'America/New_York' }).date).toBe(
      '2026-11-24',
    );
  });
});

describe('money', () => {
  it.each([
    ['5 lakh paid', 5],
    ['12.4L kyu? 11.9 hai', 12.4],
    ['₹ 5,00,000 transferred', 5],
    ['Rs. 3,75,000/- diya', 3.75],
    ['paid 50000 today', 0.5],
    ['10k bheja', 0.1],
    ['one lakh twenty thousand', 1.2],
    ['डेढ़ लाख भेज दिए', 1.5],
    ['sava do lakh', 2.25],
    ['saadhe teen lakh', 3.5],
    ['paune do crore', 175],
    ['half crore', 50],
    ['दस लाख का डीडी', 10],
    ['1 cr 20 lakh', 120],
    ['saath lakh', 60],
    ['saat lakh', 7],
    ['one point two lakh', 1.2],
    ['two and a half lakh', 2.5],
    ['बत्तीस हज़ार', 0.32],
    ['60 hazar kam dikh raha hai', 0.6],
    ['budhwar tak 6 lakh honge', 6],
  ])('reads "%s" as %d lakh', (text, lakhs) => {
    expect(read(text).amountPaise).toBe(lakhs * LAKH_PAISE);
    expect(read(text).budgetPaise).toBeUndefined();
  });

  it.each([
    ['budget 80-85 lakh', 85],
    ['80 se 85 lakh 2bhk', 85],
    ['between 80 lakh and 1 crore', 100],
    ['sava karod tak', 125],
    ['3 bedroom under 1.2 cr', 120],
    ['ढाई करोड़ बजट', 250],
    ['budget around one crore twenty lakh', 120],
    ['60 lakhs budget', 60],
  ])('reads "%s" as a budget of %d lakh', (text, lakhs) => {
    expect(read(text).budgetPaise).toBe(lakhs * LAKH_PAISE);
  });

  it('tells a payment up to a day from a budget', () => {
    expect(read('10 lakh kal tak transfer kar dunga')).toMatchObject({
      amountPaise: 10 * LAKH_PAISE,
      date: '2026-11-24',
    });
    expect(read('10 lakh kal tak transfer kar dunga').budgetPaise).toBeUndefined();
  });

  it.each([
    'flat 1203',
    'PAN ABCPE1234F',
    'pin code 560103',
    'call 9999900001',
    '2026',
    'payment for unit 1203',
    'do bhk',
  ])('reads no money in "%s"', (text) => {
    expect(read(text).amountPaise).toBeUndefined();
  });
});

describe('references and homes', () => {
  it.each([
    ['Payment done ✅ UTR SBIN426011234567', 'SBIN426011234567'],
    ['RTGS kiya hai, ref no HDFCR52026112300451278', 'HDFCR52026112300451278'],
    ['upi 412233445566 se bheja', '412233445566'],
    ['UTR 4122 3344 5566', '412233445566'],
    ['utr no. sbin426011234567', 'SBIN426011234567'],
    ['यूटीआर ४१२२३३४४५५६६', '412233445566'],
  ])('reads the reference in "%s"', (text, utr) => {
    expect(read(text).utr).toBe(utr);
  });

  it.each([
    'aadhaar 999941057058',
    'call me on 919999900001',
    'account 123456789012',
    'GSTIN 27AAPFU0939F1ZV',
    'IFSC SBIN0001234',
  ])('takes no reference from "%s"', (text) => {
    expect(read(text).utr).toBeUndefined();
  });

  it.each([
    ['2BHK', '2BHK'],
    ['2 bhk', '2BHK'],
    ['2 b.h.k.', '2BHK'],
    ['do bhk', '2BHK'],
    ['3 bedroom', '3BHK'],
    ['तीन बीएचके', '3BHK'],
    ['2.5 bhk', '2.5BHK'],
    ['one rk', '1RK'],
    ['teen kamre ka ghar', '3BHK'],
  ])('reads the home in "%s"', (text, configuration) => {
    expect(read(text).configuration).toBe(configuration);
  });

  it('reads several things at once', () => {
    expect(read('do bhk, budget 80-85 lakh, kal 4 baje')).toEqual({
      configuration: '2BHK',
      amountPaise: 85 * LAKH_PAISE,
      budgetPaise: 85 * LAKH_PAISE,
      at: new Date('2026-11-24T16:00:00+05:30'),
    });
  });
});

describe('identity and payment numbers', () => {
  it.each([
    ['pan ABCPE1234F hai', 'pan [pan] hai', 'pan'],
    ['pan card abcpe 1234 f', 'pan card [pan]', 'pan'],
    ['GSTIN 27AAPFU0939F1ZV', 'GSTIN [pan]', 'pan'],
    ['aadhaar 9999 4105 7058', 'aadhaar [aadhaar]', 'aadhaar'],
    ['आधार ९९९९४१०५७०५८ है', 'आधार [aadhaar] है', 'aadhaar'],
    ['9999 4105 7058 1203 flat', '[aadhaar] 1203 flat', 'aadhaar'],
    ['card 4111-1111-1111-1111 se', 'card [card] se', 'card'],
    ['378282246310005', '[card]', 'card'],
    ['a/c no. 50100123456789 IFSC HDFC0001234', 'a/c no. [account] IFSC HDFC0001234', 'account'],
    ['खाता नंबर १२३४५६७८९०१२', 'खाता नंबर [account]', 'account'],
  ])('hides the number in "%s"', (text, hidden, kind) => {
    expect(masked(text)).toBe(hidden);
    expect(read(text)).toEqual({ identity: [kind] });
  });

  it('names each kind once', () => {
    const text = 'PAN ABCPE1234F, mine ABCPF1234E, aadhaar 999941057058';
    expect(masked(text)).toBe('PAN [pan], mine [pan], aadhaar [aadhaar]');
    expect(read(text).identity).toEqual(['pan', 'aadhaar']);
  });

  it.each([
    'aadhaar 9999 4105 7059',
    'card 4111 1111 1111 1112',
    'UTR 999941057058',
    'upi ref no 9999 4105 7058',
    'block 1204 b wing',
    'ABCDE1234F',
    '+91 99999 00012',
    'account me 50000 aaye',
  ])('leaves "%s" as it is', (text) => {
    expect(masked(text)).toBe(text);
    expect(read(text).identity).toBeUndefined();
  });
});
