import { describe, expect, it } from '@jest/globals';
import { PAYMENT_MODES } from '../flows/money/account.ts';
import { renderDemandLetter } from '../templates/documents/demandLetter.ts';
import { RECEIPT_MODES } from '../templates/documents/papers/receiptCopy.ts';
import { renderReceipt } from '../templates/documents/receipt.ts';
import { allText, leavesThePage, overlaps, type ReadPdf, readPdf, textOf } from './pdf.ts';

const LANGUAGES = ['en', 'hi'] as const;
type Letter = Parameters<typeof renderDemandLetter>[0];
type Receipt = Parameters<typeof renderReceipt>[0];

const OF_ALL = {
  issuer: {
    developer: 'Meridian Homes',
    project: 'Greenfield Heights',
    address: 'Plot 7, Sector 150, Noida, Uttar Pradesh 201310',
    reraNumber: 'UPRERAPRJ000000',
    reraWebsite: 'www.up-rera.in',
  },
  buyers: { names: ['Asha Verma', 'Rohan Verma'], address: 'Flat 4, Sector 62, Noida 201309' },
  unit: { number: 'B-1203', tower: 'B', type: '3BHK', carpetAreaSqFt: 1_086 },
};

const LETTER: Letter = {
  ...OF_ALL,
  number: 'b1:3',
  date: '2026-11-23',
  dueOn: '2026-12-08',
  agreement: { clause: 'clause 1(c)', date: '2026-02-20' },
  milestone: 'slab_2',
  certificate: { by: 'Ar. Meera Nair', date: '2026-11-20' },
  previousDuePaise: 2_50_000_00,
  principalPaise: 7_50_000_00,
  gstPaise: 37_500_00,
  gstBps: 500,
  tds: {
    paise: 7_500_00,
    section: 'section 393(1), Table Sl. 3(i), Income-tax Act 2025',
    form: 'Form 141 (Schedule B)',
    certificate: 'Form 132',
  },
  interest: { paise: 13_315_07, asOf: '2026-11-23', rateBps: 980 },
  payUrl: 'https://homes.example.com/portal/pay/9f3k2',
  account: {
    beneficiary: 'Meridian Homes Greenfield Collection A/c',
    bank: 'Example Bank',
    number: '000000000000',
    ifsc: 'EXAM0000000',
  },
};

const RECEIPT: Receipt = {
  ...OF_ALL,
  number: 'greenfield-heights/2026-27/000042',
  date: '2026-11-23',
  payer: 'Asha Verma',
  mode: 'neft',
  reference: 'SBIN426011234567',
  realisedOn: '2026-11-22',
  amountPaise: 6_00_000_00,
  parts: [
    { demand: 'b1:2', milestone: 'plinth', amountPaise: 5_14_500_00 },
    { demand: 'b1:3', milestone: 'slab_2', amountPaise: 55_500_00 },
  ],
  advancePaise: 30_000_00,
};

/** What a reader takes in, whatever the lines are broken like. */
const flowing = (read: ReadPdf) => allText(read).replaceAll('\n', ' ');
const letterIn = async (language: 'en' | 'hi', more: Partial<Letter> = {}) =>
  readPdf(await renderDemandLetter({ ...LETTER, ...more }, language));
const receiptIn = async (language: 'en' | 'hi', more: Partial<Receipt> = {}) =>
  readPdf(await renderReceipt({ ...RECEIPT, ...more }, language));

describe('the demand letter', () => {
  it('says all that a buyer has to know, on one page', async () => {
    const read = await letterIn('en');
    expect(read.pages).toHaveLength(1);
    for (const fact of [
      'UPRERAPRJ000000',
      'www.up-rera.in',
      'Asha Verma, Rohan Verma',
      'Unit B-1203, Tower B',
      'b1:3',
      'Under clause 1(c) of the agreement for sale dated 20 February 2026',
      'Completion of slab 2',
      'Certified by Ar. Meera Nair on 20 November 2026',
      '₹2,50,000.00',
      '₹7,50,000.00',
      'GST on this instalment at 5 %',
      '₹37,500.00',
      'Total, by 8 December 2026',
      '₹10,37,500.00',
      'Rupees Ten Lakh Thirty-Seven Thousand Five Hundred Only',
      'You deduct ₹7,500.00 from this instalment (its amount without GST) under section 393(1)',
      'Form 141 (Schedule B)',
      'Form 132',
      'What you pay to us then is ₹10,30,000.00',
      'Interest on late payment up to 23 November 2026: ₹13,315.07, simple interest at 9.8 % a year',
      'It is not part of the total above',
      'Account 000000000000',
    ])
      expect(flowing(read)).toContain(fact);
    expect(new Set(read.links)).toEqual(new Set([LETTER.payUrl]));
  });

  it('leaves out what does not apply', async () => {
    const { tds: _tds, interest: _interest, account: _account, certificate: _by, ...least } = LETTER;
    const text = flowing(readPdf(await renderDemandLetter({ ...least, gstPaise: 0, gstBps: 0 }, 'en')));
    expect(text).not.toMatch(/TAX DEDUCTED|INTEREST|COLLECTION ACCOUNT|Certified|already received|IFSC/);
    expect(text).toContain('We never send account details in a chat');
  });

  it('takes off an advance', async () => {
    const text = flowing(await letterIn('en', { receivedPaise: 1_00_000_00 }));
    expect(text).toContain('-₹1,00,000.00');
    expect(text).toContain('₹9,37,500.00');
  });

  it('speaks Hindi', async () => {
    const read = await letterIn('hi');
    const text = flowing(read);
    expect(read.pages).toHaveLength(1);
    for (const words of ['माँग', 'कटौती', '₹10,37,500.00', 'Form 132', 'ब्याज']) expect(text).toContain(words);
    expect(text).not.toMatch(/instalment|Total|Interest/);
    expect(read.embeddedFonts.some((name) => name.includes('Mukta'))).toBe(true);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a missing RERA number', { issuer: { ...OF_ALL.issuer, reraNumber: ' ' } }],
    ['no buyer', { buyers: { names: [] } }],
    ['a part of a paisa', { principalPaise: 0.5 }],
    ['a negative sum', { previousDuePaise: -1 }],
    ['a day that is none', { dueOn: '2026-02-30' }],
    ['a due date before the letter', { dueOn: '2026-11-22' }],
    ['a link that is not secure', { payUrl: 'http://homes.example.com/pay' }],
    ['a link that is a script', { payUrl: 'javascript:alert(1)' }],
    ['more received than asked for', { receivedPaise: 8_00_000_00 }],
    ['words without end', { milestone: 'x'.repeat(121) }],
  ])('is not made from %s', async (_, wrong) => {
    await expect(renderDemandLetter({ ...LETTER, ...wrong } as Letter, 'en')).rejects.toThrow();
  });
});

describe('the receipt', () => {
  it('knows every way in which money comes', () => {
    expect(RECEIPT_MODES).toEqual(PAYMENT_MODES);
  });

  it('says what came, how, when, and what it was credited to', async () => {
    const read = await receiptIn('en');
    expect(read.pages).toHaveLength(1);
    for (const fact of [
      'UPRERAPRJ000000',
      'greenfield-heights/2026-27/000042',
      '23 November 2026',
      '22 November 2026',
      'NEFT',
      'SBIN426011234567',
      'Received with thanks from Asha Verma: ₹6,00,000.00',
      'Rupees Six Lakh Only',
      'Demand b1:2: Completion of plinth',
      '₹5,14,500.00',
      'Advance, kept for the next demand',
      'credited only once its certificate is with us',
    ])
      expect(flowing(read)).toContain(fact);
    expect(read.links).toEqual([]);
  });

  it('of a certificate does not say that money came', async () => {
    const text = flowing(await receiptIn('en', { mode: 'tds_certificate', reference: 'Certificate 0000' }));
    expect(text).toContain('Credited to Asha Verma against a certificate of tax deducted at source');
    expect(text).toContain('no money was received by it');
    expect(text).not.toMatch(/Received with thanks|bank record/);
  });

  it('speaks Hindi', async () => {
    const text = flowing(await receiptIn('hi', { mode: 'cheque' }));
    for (const words of ['रसीद', 'चेक', '₹6,00,000.00', 'टीडीएस']) expect(text).toContain(words);
    expect(text).not.toMatch(/Received|Advance|Demand b1/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['parts that do not make the amount', { advancePaise: 0 }],
    ['nothing', { amountPaise: 0, parts: [], advancePaise: 0 }],
    ['money that comes tomorrow', { realisedOn: '2026-11-24' }],
    ['cash', { mode: 'cash' }],
    ['no reference', { reference: '' }],
  ])('is not made from %s', async (_, wrong) => {
    await expect(renderReceipt({ ...RECEIPT, ...wrong } as Receipt, 'en')).rejects.toThrow();
  });
});

describe('papers', () => {
  const LONG = {
    issuer: {
      developer:
        'Meridian Homes and Infrastructure Developers Private Limited, a company of the Meridian Group',
      project:
        'The Magnificent Residences at Greenfield Heights Phase II (Towers Asha, Bela, Chandni and Dhara)',
      address: `Survey Nos. 112/1, 112/2, 113/4A and 113/4B, ${'Kasavanahalli Village, Varthur Hobli, '.repeat(5)}`,
      reraNumber: [0, 1, 2, 3, 4].map((index) => `PRM/KA/RERA/1251/446/PR/000000/00000${index}`).join(', '),
      reraWebsite: 'https://rera.karnataka.gov.in/projectViewDetails',
    },
    buyers: {
      names: Array.from({ length: 6 }, () => 'Venkatanarasimharajuvaripeta Subramaniam Krishnamurthy'),
      address: 'Flat 1204, the other tower, '.repeat(8),
    },
    unit: {
      number: 'PENTHOUSE-B-1203/1204',
      tower: 'Chandni and Dhara',
      type: '5BHK duplex with terrace',
      carpetAreaSqFt: 12_345.67,
    },
  };
  const words =
    'A very long line that nobody could bring themselves to shorten, whoever asked them to, more than once today';
  const longLetter: Partial<Letter> = {
    ...LONG,
    number: words,
    agreement: { clause: words, date: '2026-02-20' },
    milestone: words,
    certificate: { by: words, date: '2026-11-20' },
    previousDuePaise: 99_99_99_999_99,
    principalPaise: 99_99_99_999_99,
    receivedPaise: 1_23_45_678_99,
    tds: { paise: 99_99_99_999_99, section: words, form: words, certificate: words },
    interest: { paise: 99_99_99_999_99, asOf: '2026-11-23', rateBps: 1_075 },
    payUrl: `https://homes.example.com/${'9f3k2'.repeat(30)}`,
    account: { beneficiary: words, bank: words, number: '0'.repeat(34), ifsc: 'EXAM0000000' },
  };
  const longReceipt: Partial<Receipt> = {
    ...LONG,
    payer: words,
    reference: 'X'.repeat(60),
    parts: Array.from({ length: 24 }, (_, index) => ({
      demand: `b1:${index}`,
      milestone: words,
      amountPaise: 1,
    })),
    advancePaise: 99_99_99_999_99 - 24,
    amountPaise: 99_99_99_999_99,
  };

  it.each<[string, (language: 'en' | 'hi') => Promise<ReadPdf>]>([
    ['the letter', (language) => letterIn(language)],
    ['the receipt', (language) => receiptIn(language)],
    ['the longest letter', (language) => letterIn(language, longLetter)],
    ['the longest receipt', (language) => receiptIn(language, longReceipt)],
  ])('keep %s on the page, with nothing over anything', async (_, render) => {
    for (const language of LANGUAGES) {
      const { pages, missingGlyphs } = await render(language);
      expect(missingGlyphs).toBe(0);
      for (const runs of pages) {
        expect(runs.filter(leavesThePage)).toEqual([]);
        expect(overlaps(runs)).toEqual([]);
        expect(textOf(runs)).toContain('RERA');
      }
    }
  });

  it('never shorten a sum, a reference or an account', async () => {
    const letter = flowing(await letterIn('en', longLetter)).replaceAll(' ', '');
    for (const exact of ['₹99,99,99,999.99', '0'.repeat(34), '9f3k2'.repeat(30)])
      expect(letter).toContain(exact);
    expect(flowing(await receiptIn('en', longReceipt)).replaceAll(' ', '')).toContain('X'.repeat(60));
  });

  it('are the same to the byte for the same input', async () => {
    const [one, other] = await Promise.all([renderReceipt(RECEIPT, 'hi'), renderReceipt(RECEIPT, 'hi')]);
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  });
});
