import type { DocumentKind } from './documents.ts';

/**
 * Which papers a purchase needs, and which of them are still missing and why. The rules are data: rows with whom
 * they concern, the reason, and where the rule comes from. Counsel signs off what is asked of buyers.
 */

export type BuyerKind = 'resident' | 'joint' | 'nri' | 'company' | 'huf';
export type LoanStatus = 'none' | 'applied' | 'sanctioned';
/** What is sold: land that may be farmed is closed to some, and a commercial unit gives a company tax credit. */
export type UnitUse = 'residential' | 'commercial' | 'plot' | 'farmland';

/** What decides the checklist. Applicants in the order of the booking, the first one first; ids are buyers'. */
export type Purchase = {
  buyerKind: BuyerKind;
  applicants: string[];
  unitUse: UnitUse;
  loan: LoanStatus;
  /** Somebody signs for the buyer under a power of attorney. */
  byAttorney?: boolean;
};

/** One paper that is needed: any of `anyOf` will do. `why` and `label` are copy keys. */
export type Requirement = {
  /** `<rule>` for the purchase, `<rule>:<applicant>` for one person. */
  id: string;
  applicant?: string;
  anyOf: readonly DocumentKind[];
  label: string;
  why: string;
  /** What it rests on, for the team. */
  source: string;
  /** Welcome, but the set is complete without it. */
  optional?: true;
};

/** A purchase that the law does not allow has no checklist: `why` is a copy key. */
export type Checklist =
  | { kind: 'needed'; requirements: Requirement[] }
  | { kind: 'barred'; why: string; source: string };

type Rule = Omit<Requirement, 'applicant'> & {
  /** Whom it concerns: absent, every kind of buyer. */
  buyers?: readonly BuyerKind[];
  loans?: readonly LoanStatus[];
  uses?: readonly UnitUse[];
  /** Asked of each applicant; else once. */
  each?: true;
  byAttorney?: true;
};

const PEOPLE: readonly BuyerKind[] = ['resident', 'joint', 'nri'];
const RESIDENTS: readonly BuyerKind[] = ['resident', 'joint'];

/** As of 2026-11-22; domain rules, section 3 (KYC). The NOC to a lender is ours to give, so nobody is asked for it. */
const RULES: readonly Rule[] = [
  rule('pan', ['pan'], 'PAN in every sale of property above ₹20 lakh; TDS is credited to it', {
    buyers: PEOPLE,
    each: true,
  }),
  rule('identity', ['aadhaar', 'passport', 'voter_id'], 'Identity of each applicant (Aadhaar masked)', {
    buyers: RESIDENTS,
    each: true,
  }),
  rule(
    'address',
    ['address_proof', 'aadhaar', 'passport', 'voter_id'],
    'Address of each applicant, for the agreement',
    { buyers: RESIDENTS, each: true },
  ),
  rule('photo', ['photo'], 'Photograph for allotment letter and registration', {
    buyers: PEOPLE,
    each: true,
  }),
  rule('passport', ['passport'], 'FEMA: identity and citizenship of a non-resident', {
    buyers: ['nri'],
    each: true,
  }),
  rule('status', ['visa_or_oci'], 'FEMA: status as NRI or OCI', { buyers: ['nri'], each: true }),
  rule('overseas_address', ['overseas_address'], 'Address abroad, for the agreement', {
    buyers: ['nri'],
    each: true,
  }),
  rule('nre_nro', ['nre_nro_proof'], 'FEMA: payment only from an NRE, NRO or FCNR account, or from abroad', {
    buyers: ['nri'],
  }),
  rule('attorney', ['power_of_attorney'], 'Apostilled or consularised, where somebody signs for the buyer', {
    byAttorney: true,
  }),
  rule('incorporation', ['incorporation_certificate'], 'The company exists', { buyers: ['company'] }),
  rule('memorandum', ['memorandum_articles'], 'The company may buy property', { buyers: ['company'] }),
  rule('company_pan', ['company_pan'], 'PAN in every sale of property above ₹20 lakh', {
    buyers: ['company'],
  }),
  rule('gst', ['gst_certificate'], 'GSTIN on the invoice', { buyers: ['company'] }),
  rule('resolution', ['board_resolution'], 'The board has decided on this purchase and its signatory', {
    buyers: ['company'],
  }),
  rule('signatory', ['signatory_id'], 'Identity of the authorised signatory', { buyers: ['company'] }),
  rule('owners', ['beneficial_owner'], 'PMLA: beneficial owners; retained for five years', {
    buyers: ['company'],
  }),
  rule('huf_pan', ['huf_pan'], 'PAN of the family in every sale of property above ₹20 lakh', {
    buyers: ['huf'],
  }),
  rule('karta_pan', ['karta_pan'], 'PAN of the karta, who signs', { buyers: ['huf'] }),
  rule('karta', ['karta_id', 'aadhaar', 'passport', 'voter_id'], 'Identity of the karta', {
    buyers: ['huf'],
  }),
  rule('huf_declaration', ['huf_declaration'], 'Declaration of karta and coparceners', { buyers: ['huf'] }),
  rule('gst_optional', ['gst_certificate'], 'GSTIN on the invoice of a commercial unit, where registered', {
    buyers: ['resident', 'joint', 'nri', 'huf'],
    uses: ['commercial'],
    optional: true,
  }),
  rule('sanction', ['loan_sanction'], 'The lender pays against it', { loans: ['sanctioned'] }),
  rule('tripartite', ['tripartite_agreement'], 'Buyer, lender and developer', { loans: ['sanctioned'] }),
  rule('disbursement', ['disbursement_request'], 'The lender pays on the buyer’s request', {
    loans: ['sanctioned'],
  }),
];

/** FEMA (Non-debt Instruments) Rules 2019, r. 24: no agricultural land, plantation or farmhouse. */
const FARMLAND_BAR = { why: 'kyc_barred_farmland', source: 'FEMA bars farmland to NRI and OCI buyers' };

/** The checklist of a purchase. Throws a RangeError when it names no applicant. */
export function checklistFor(purchase: Purchase): Checklist {
  if (purchase.applicants.length === 0) throw new RangeError('a purchase has at least one applicant');
  if (purchase.buyerKind === 'nri' && purchase.unitUse === 'farmland')
    return { kind: 'barred', ...FARMLAND_BAR };
  const requirements = RULES.filter((each) => concerns(each, purchase)).flatMap((each) =>
    requirementsOf(each, purchase),
  );
  return { kind: 'needed', requirements };
}

/** What is known of a paper in the vault: enough to say whether it answers a requirement. */
export type HandedIn = {
  id: string;
  kind: DocumentKind;
  applicant?: string;
  status: 'received' | 'accepted' | 'rejected' | 'erased';
  /** Why it was rejected, as a copy key that says how to send it again. */
  reason?: string;
  uploadedAt: Date;
};

/** A requirement that is open: nothing was sent, all of it was rejected, or a person has still to look at it. */
export type Missing =
  | { requirement: Requirement; state: 'not_sent' }
  | { requirement: Requirement; state: 'rejected'; document: string; reason: string }
  | { requirement: Requirement; state: 'waiting'; document: string };

/** How a purchase stands. `withBuyer`: what the buyer has to do; `withUs`: what the team has to look at. */
export type Standing = {
  missing: Missing[];
  withBuyer: Missing[];
  withUs: Missing[];
  /** Everything that is needed has been accepted. */
  isComplete: boolean;
};

/** What is missing of `requirements`, in their order. Optional papers that were never sent are not missing. */
export function missing(requirements: readonly Requirement[], documents: readonly HandedIn[]): Standing {
  const open = requirements.flatMap((requirement) => openOf(requirement, documents));
  const needed = open.filter((each) => !each.requirement.optional || each.state !== 'not_sent');
  return {
    missing: needed,
    withBuyer: needed.filter(({ state }) => state !== 'waiting'),
    withUs: needed.filter(({ state }) => state === 'waiting'),
    isComplete: needed.every(({ requirement }) => requirement.optional),
  };
}

/** The best of what was handed in decides: accepted before waiting before the latest rejection. */
function openOf(requirement: Requirement, documents: readonly HandedIn[]): Missing[] {
  const answers = documents
    .filter((each) => answersTo(each, requirement))
    .sort((a, b) => b.uploadedAt.getTime() - a.uploadedAt.getTime());
  if (answers.some(({ status }) => status === 'accepted')) return [];
  const waiting = answers.find(({ status }) => status === 'received');
  if (waiting) return [{ requirement, state: 'waiting', document: waiting.id }];
  const rejected = answers.find(({ status }) => status === 'rejected');
  if (!rejected) return [{ requirement, state: 'not_sent' }];
  const reason = rejected.reason ?? 'kyc_retake_unclear';
  return [{ requirement, state: 'rejected', document: rejected.id, reason }];
}

/** A paper that names no applicant counts for a purchase with one applicant only: the caller sees to that. */
function answersTo(document: HandedIn, { anyOf, applicant }: Requirement): boolean {
  return anyOf.includes(document.kind) && (applicant === undefined || applicant === document.applicant);
}

function concerns(each: Rule, { buyerKind, loan, unitUse, byAttorney }: Purchase): boolean {
  return (
    (each.buyers?.includes(buyerKind) ?? true) &&
    (each.loans?.includes(loan) ?? true) &&
    (each.uses?.includes(unitUse) ?? true) &&
    (!each.byAttorney || byAttorney === true)
  );
}

function requirementsOf(each: Rule, { applicants }: Purchase): Requirement[] {
  const { id, anyOf, label, why, source, optional } = each;
  const requirement = { anyOf, label, why, source, ...(optional && { optional }) };
  if (!each.each) return [{ id, ...requirement }];
  return applicants.map((applicant) => ({ id: `${id}:${applicant}`, applicant, ...requirement }));
}

/** A rule's copy keys follow from its id. */
function rule(
  id: string,
  anyOf: readonly DocumentKind[],
  source: string,
  whom: Pick<Rule, 'buyers' | 'loans' | 'uses' | 'each' | 'byAttorney' | 'optional'>,
): Rule {
  return { id, anyOf, source, label: `kyc_paper_${id}`, why: `kyc_why_${id}`, ...whom };
}
