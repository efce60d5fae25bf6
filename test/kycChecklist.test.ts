import { describe, expect, it } from '@jest/globals';
import {
  type Checklist,
  checklistFor,
  type HandedIn,
  missing,
  type Purchase,
} from '../flows/kyc/checklist.ts';
import { identityPaperIn } from '../flows/kyc/documents.ts';
import {
  checkAadhaar,
  checkGstin,
  checkIfsc,
  checkPan,
  checkPassport,
  checkPin,
  maskedAadhaar,
} from '../flows/kyc/numbers.ts';
import { paperRetention, RETENTION_ROWS } from '../flows/retention.ts';
import { LANGUAGES } from '../flows/types.ts';
import { COPY, renderMessage } from '../templates/messages/message.ts';

const ZONE = 'Asia/Kolkata';
const ASHA = 'asha';
const ROHAN = 'rohan';
const RESIDENT: Purchase = {
  buyerKind: 'resident',
  applicants: [ASHA],
  unitUse: 'residential',
  loan: 'none',
};

function needed(purchase: Purchase) {
  const checklist: Checklist = checklistFor(purchase);
  if (checklist.kind === 'barred') throw new Error('this purchase is barred');
  return checklist.requirements;
}

function ids(purchase: Partial<Purchase>): string[] {
  return needed({ ...RESIDENT, ...purchase }).map(({ id }) => id);
}

let serial = 0;
function paper(kind: HandedIn['kind'], more: Partial<HandedIn> = {}): HandedIn {
  serial += 1;
  const uploadedAt = new Date(Date.UTC(2026, 10, 23, 0, serial));
  return { id: `d${serial}`, kind, applicant: ASHA, status: 'accepted', uploadedAt, ...more };
}

const ALL = [paper('pan'), paper('aadhaar'), paper('photo')];

describe('the checklist', () => {
  it('of a resident', () => {
    expect(ids({})).toEqual(['pan:asha', 'identity:asha', 'address:asha', 'photo:asha']);
  });

  it('of joint buyers asks each of them', () => {
    expect(ids({ buyerKind: 'joint', applicants: [ASHA, ROHAN] })).toEqual([
      'pan:asha',
      'pan:rohan',
      'identity:asha',
      'identity:rohan',
      'address:asha',
      'address:rohan',
      'photo:asha',
      'photo:rohan',
    ]);
  });

  it('of an NRI asks for passport, status and account, and for the power of attorney where there is one', () => {
    expect(ids({ buyerKind: 'nri' })).toEqual([
      'pan:asha',
      'photo:asha',
      'passport:asha',
      'status:asha',
      'overseas_address:asha',
      'nre_nro',
    ]);
    expect(ids({ buyerKind: 'nri', byAttorney: true })).toContain('attorney');
  });

  it('of a company and of an HUF', () => {
    expect(ids({ buyerKind: 'company' })).toEqual([
      'incorporation',
      'memorandum',
      'company_pan',
      'gst',
      'resolution',
      'signatory',
      'owners',
    ]);
    expect(ids({ buyerKind: 'huf' })).toEqual(['huf_pan', 'karta_pan', 'karta', 'huf_declaration']);
  });

  it('has the bank’s papers once the loan is sanctioned, not while it is applied for', () => {
    expect(ids({ loan: 'applied' })).toEqual(ids({}));
    expect(ids({ loan: 'sanctioned' }).slice(4)).toEqual(['sanction', 'tripartite', 'disbursement']);
  });

  it('asks for a GST certificate with a commercial unit, but not in vain', () => {
    const requirements = needed({ ...RESIDENT, unitUse: 'commercial' });
    expect(requirements.at(-1)).toMatchObject({ id: 'gst_optional', optional: true });
    expect(missing(requirements, ALL)).toEqual({ missing: [], withBuyer: [], withUs: [], isComplete: true });
    const waiting = [...ALL, paper('gst_certificate', { status: 'received' })];
    expect(missing(requirements, waiting)).toMatchObject({
      withUs: [{ state: 'waiting' }],
      isComplete: true,
    });
  });

  it('is refused for farmland to a non-resident, and for nobody at all', () => {
    const purchase: Purchase = { ...RESIDENT, buyerKind: 'nri', unitUse: 'farmland' };
    expect(checklistFor(purchase)).toMatchObject({ kind: 'barred', why: 'kyc_barred_farmland' });
    expect(checklistFor({ ...purchase, buyerKind: 'resident' }).kind).toBe('needed');
    expect(() => checklistFor({ ...RESIDENT, applicants: [] })).toThrow('at least one applicant');
  });

  it('has words for everything, in every language', () => {
    const purchases = (['resident', 'joint', 'nri', 'company', 'huf'] as const).flatMap((buyerKind) =>
      (['residential', 'commercial', 'plot'] as const).map((unitUse) => ({
        ...RESIDENT,
        buyerKind,
        unitUse,
        loan: 'sanctioned' as const,
        byAttorney: true,
      })),
    );
    const keys = new Set(purchases.flatMap(needed).flatMap(({ label, why }) => [label, why]));
    expect(keys.size).toBe(48);
    for (const key of keys) {
      for (const language of LANGUAGES) expect(renderMessage(key, language, {}, ZONE).text).not.toBe('');
    }
    const unused = Object.keys(COPY).filter((key) => /^kyc_(paper|why)_/.test(key) && !keys.has(key));
    // A paper of which nobody has said yet what it is.
    expect(unused).toEqual(['kyc_paper_other']);
  });
});

describe('what is missing', () => {
  const requirements = needed(RESIDENT);

  it('is everything at first, each with why', () => {
    const standing = missing(requirements, []);
    expect(standing.isComplete).toBe(false);
    expect(standing.withBuyer.map(({ requirement, state }) => [requirement.why, state])).toEqual([
      ['kyc_why_pan', 'not_sent'],
      ['kyc_why_identity', 'not_sent'],
      ['kyc_why_address', 'not_sent'],
      ['kyc_why_photo', 'not_sent'],
    ]);
  });

  it('is nothing once all is accepted; one paper may answer two questions', () => {
    expect(missing(requirements, ALL)).toMatchObject({ missing: [], isComplete: true });
  });

  it('is with us while a person has to look', () => {
    const handed = [paper('pan', { status: 'received' }), ...ALL.slice(1)];
    const standing = missing(requirements, handed);
    expect(standing).toMatchObject({
      withBuyer: [],
      withUs: [{ state: 'waiting', document: handed[0]?.id }],
      isComplete: false,
    });
  });

  it('says why a paper was rejected, by the latest one, whatever order they come in', () => {
    const older = paper('pan', { status: 'rejected', reason: 'kyc_retake_dark' });
    const newer = paper('pan', { status: 'rejected', reason: 'kyc_retake_blurred' });
    for (const pans of [
      [older, newer],
      [newer, older],
    ]) {
      expect(missing(requirements, [...pans, ...ALL.slice(1)]).withBuyer).toEqual([
        { requirement: requirements[0], state: 'rejected', document: newer.id, reason: 'kyc_retake_blurred' },
      ]);
    }
  });

  it('is a retake that waits rather than the rejection before it, and an acceptance whatever came later', () => {
    const rejected = paper('pan', { status: 'rejected', reason: 'kyc_retake_dark' });
    const retake = paper('pan', { status: 'received' });
    expect(missing(requirements, [rejected, retake, ...ALL.slice(1)]).missing).toMatchObject([
      { state: 'waiting', document: retake.id },
    ]);
    expect(missing(requirements, [...ALL, rejected, retake]).missing).toEqual([]);
  });

  it('counts nothing of an erased paper, of another person’s, or of another kind', () => {
    const handed = [
      paper('pan', { status: 'erased' }),
      paper('pan', { applicant: ROHAN }),
      paper('company_pan'),
      ...ALL.slice(1),
    ];
    expect(missing(requirements, handed).missing).toMatchObject([
      { requirement: { id: 'pan:asha' }, state: 'not_sent' },
    ]);
  });

  it('reads as a sentence', () => {
    const paperName = renderMessage('kyc_paper_pan', 'en', {}, ZONE).text;
    const how = renderMessage('kyc_retake_dark', 'en', {}, ZONE).text;
    expect(renderMessage('kyc_missing_rejected', 'en', { paper: paperName, how }, ZONE).text).toBe(
      'PAN card: please send it again. The picture is too dark. Please take it by daylight or under a lamp.',
    );
  });
});

describe('a PAN', () => {
  it('is five letters, four digits and a letter, however it is typed', () => {
    expect(checkPan(' abcpe 1234-f')).toEqual({
      ok: true,
      value: 'ABCPE1234F',
      holder: 'individual',
      warnings: [],
    });
    for (const typed of ['', 'ABCPE1234', 'ABCPE12345', 'ABCDE1234F', 'ABCPE1234FF', '1BCPE1234F'])
      expect(checkPan(typed)).toEqual({ ok: false, problem: 'kyc_pan_form' });
  });

  it('has a fourth letter that fits its holder', () => {
    expect(checkPan('AAACB1234F', { holder: 'company' })).toMatchObject({ ok: true, holder: 'company' });
    expect(checkPan('AAAHB1234F', { holder: 'huf' })).toMatchObject({ ok: true });
    expect(checkPan('ABCPE1234F', { holder: 'company' })).toEqual({ ok: false, problem: 'kyc_pan_holder' });
  });

  it('only warns when its fifth letter begins no word of the name', () => {
    const read = (name: string) => checkPan('ABCPE1234F', { name });
    expect(read('Asha Elkunchwar')).toMatchObject({ warnings: [] });
    expect(read('elkunchwar asha')).toMatchObject({ warnings: [] });
    expect(read('Asha Rao')).toMatchObject({ ok: true, warnings: ['pan_name_initial'] });
    expect(read('आशा राव')).toMatchObject({ warnings: [] });
  });
});

describe('an Aadhaar number', () => {
  it('has twelve digits and Verhoeff’s check', () => {
    expect(checkAadhaar('9999 4105 7058')).toMatchObject({ ok: true, lastFour: '7058' });
    expect(checkAadhaar('९९९९४१०५७०५८')).toMatchObject({ ok: true, value: '999941057058' });
    for (const typed of ['199941057058', '09994105705', '9999410570588', 'aadhaar'])
      expect(checkAadhaar(typed)).toEqual({ ok: false, problem: 'kyc_aadhaar_form' });
  });

  it('is found out with any digit wrong and any two neighbours swapped', () => {
    const right = '999941057058';
    for (let i = 1; i < right.length; i += 1) {
      const digit = `${(Number(right[i]) + 1 + (i % 9)) % 10}`;
      if (digit !== right[i])
        expect(checkAadhaar(right.slice(0, i) + digit + right.slice(i + 1)).ok).toBe(false);
      const swapped = right.slice(0, i - 1) + right[i] + right[i - 1] + right.slice(i + 1);
      if (swapped !== right) expect(checkAadhaar(swapped).ok).toBe(false);
    }
  });

  it('is kept by its last four digits', () => {
    expect(maskedAadhaar('9999 4105 7058')).toBe('XXXX XXXX 7058');
    expect(() => maskedAadhaar('none')).toThrow(RangeError);
  });
});

describe('other numbers', () => {
  it('a GSTIN has its check character and the holder’s PAN', () => {
    expect(checkGstin('27AAPFU0939F1ZV')).toMatchObject({ ok: true, pan: 'AAPFU0939F' });
    expect(checkGstin('27AAPFU0939F1ZV', { pan: 'aapfu0939f' })).toMatchObject({ ok: true });
    expect(checkGstin('27AAPFU0939F1ZV', { pan: 'ABCPE1234F' })).toEqual({
      ok: false,
      problem: 'kyc_gstin_pan',
    });
    expect(checkGstin('27AAPFU0939F1ZW')).toEqual({ ok: false, problem: 'kyc_gstin_check' });
    expect(checkGstin('72AAPFU0939F1ZV')).toEqual({ ok: false, problem: 'kyc_gstin_check' });
    for (const typed of ['27AAPFU0939F1Z', '27AAPFU0939F0ZV', '27AAPDU0939F1ZV', ''])
      expect(checkGstin(typed)).toEqual({ ok: false, problem: 'kyc_gstin_form' });
  });

  it('an IFSC and a PIN code', () => {
    expect(checkIfsc('hdfc0001234')).toMatchObject({ ok: true, value: 'HDFC0001234' });
    for (const typed of ['HDFC1001234', 'HDF00001234', 'HDFC000123'])
      expect(checkIfsc(typed)).toEqual({ ok: false, problem: 'kyc_ifsc_form' });
    expect(checkPin('411 045')).toMatchObject({ ok: true, value: '411045' });
    for (const typed of ['011045', '41104', '4110455'])
      expect(checkPin(typed)).toEqual({ ok: false, problem: 'kyc_pin_form' });
  });

  // The specimen of ICAO Doc 9303-4.
  const FIRST = 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<';
  const SECOND = 'L898902C36UTO7408122F1204159ZE184226B<<<<<10';

  it('a passport’s zone', () => {
    const passport = {
      issuer: 'UTO',
      nationality: 'UTO',
      surname: 'ERIKSSON',
      givenNames: 'ANNA MARIA',
      bornOn: '1974-08-12',
      sex: 'F',
      expiresOn: '2012-04-15',
    };
    const read = { ok: true, value: 'L898902C3', passport, warnings: [] };
    expect(checkPassport(`${FIRST}\n${SECOND}`, '2010-01-01')).toEqual(read);
    expect(checkPassport(` ${FIRST.toLowerCase()} ${SECOND}`, '2010-01-01')).toEqual(read);
    expect(checkPassport(`${FIRST}\n${SECOND}`, '2012-04-15')).toMatchObject({ ok: true });
    expect(checkPassport(`${FIRST}\n${SECOND}`, '2012-04-16')).toEqual({
      ok: false,
      problem: 'kyc_mrz_expired',
    });
  });

  it('a passport’s zone with any of its digits wrong', () => {
    for (const [i, character] of [...SECOND].entries()) {
      if (!/\d/.test(character)) continue;
      const wrong = SECOND.slice(0, i) + ((Number(character) + 1) % 10) + SECOND.slice(i + 1);
      expect(checkPassport(`${FIRST}\n${wrong}`, '2010-01-01').ok).toBe(false);
    }
    for (const typed of ['', FIRST, `${FIRST}\n${SECOND}<`, `${SECOND}\n${FIRST}`])
      expect(checkPassport(typed, '2010-01-01')).toEqual({ ok: false, problem: 'kyc_mrz_form' });
  });

  it('every problem has words', () => {
    const problems = Object.keys(COPY).filter((key) => /^kyc_(pan|aadhaar|gstin|ifsc|pin|mrz)_/.test(key));
    expect(problems).toHaveLength(12);
  });
});

describe('the name of a file', () => {
  it.each([
    ['PAN_card_front.jpg', 'pan'],
    ['mera pan', 'pan'],
    ['Aadhar Card.pdf', 'aadhaar'],
    ['आधार कार्ड', 'aadhaar'],
    ['passport_scan.pdf', 'passport'],
    ['voter id', 'voter_id'],
    ['OCI copy', 'visa_or_oci'],
    ['kyc.pdf', 'other'],
    ['NRE statement.pdf', 'nre_nro_proof'],
  ])('%s speaks of an identity paper', (words, kind) => {
    expect(identityPaperIn(words)).toBe(kind);
  });

  it.each([
    'cheque.jpg',
    'payment screenshot',
    'passport size photo',
    'company panel',
    'IMG-2026.jpg',
    'japan trip',
    'leak in kitchen pantry',
    'floor plan',
  ])('%s does not', (words) => {
    expect(identityPaperIn(words)).toBeUndefined();
  });
});

describe('the law on keeping papers', () => {
  const pan = { kind: 'pan', isAccepted: true } as const;

  it('keeps what was accepted for a sale, without an end while it goes on', () => {
    expect(paperRetention(pan, {}, '2026-11-27')).toMatchObject({
      kind: 'kept',
      rules: [{ id: 'pmla' }, { id: 'tax' }],
    });
    expect(paperRetention(pan, {}, '2026-11-27')).not.toHaveProperty('until');
  });

  it('counts from the end of the sale, by the rule that holds longest', () => {
    const sale = { endedOn: '2020-03-31' };
    expect(paperRetention(pan, sale, '2025-03-31')).toMatchObject({ until: '2026-03-31', rules: [{}, {}] });
    expect(paperRetention(pan, sale, '2025-04-01')).toMatchObject({
      until: '2026-03-31',
      rules: [{ id: 'tax' }],
    });
    expect(paperRetention(pan, sale, '2026-04-01')).toEqual({ kind: 'free' });
  });

  it('keeps nothing that was sent back, that belongs to no sale, or that nobody has sorted', () => {
    expect(paperRetention({ ...pan, isAccepted: false }, {}, '2026-11-27')).toEqual({ kind: 'free' });
    expect(paperRetention(pan, undefined, '2026-11-27')).toEqual({ kind: 'free' });
    expect(paperRetention({ kind: 'other', isAccepted: true }, {}, '2026-11-27')).toEqual({ kind: 'free' });
  });

  it('names for each rule where it comes from and since when it holds', () => {
    for (const { source, effectiveFrom, keepYears } of RETENTION_ROWS) {
      expect(source).toMatch(/\b[sr]\. \d+/);
      expect(effectiveFrom).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(keepYears).toBeGreaterThan(0);
    }
  });
});
