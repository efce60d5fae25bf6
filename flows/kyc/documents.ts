/** The papers of a purchase, as the vault, the checklist, the portal and the team call them. */
export const DOCUMENT_KINDS = [
  'pan',
  'aadhaar',
  'passport',
  'voter_id',
  'address_proof',
  'photo',
  'visa_or_oci',
  'overseas_address',
  'nre_nro_proof',
  'power_of_attorney',
  'incorporation_certificate',
  'memorandum_articles',
  'company_pan',
  'gst_certificate',
  'board_resolution',
  'signatory_id',
  'beneficial_owner',
  'huf_pan',
  'karta_pan',
  'karta_id',
  'huf_declaration',
  'loan_sanction',
  'tripartite_agreement',
  'disbursement_request',
  'other',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/**
 * Words by which buyers name an identity paper, in captions and in file names, English, Hindi and Hinglish. A
 * receipt or a cheque is none of them: what shows a payment must stay where collections sees it.
 */
const NAMED: readonly (readonly [DocumentKind, RegExp])[] = [
  ['aadhaar', /a+dh?a+r|adhar|aadhar|e-?aadhaar|uidai|आधार/iu],
  ['pan', /(?<![a-z])(?:e-?)?pan(?:[\s_-]*(?:card|no|number|copy|kard|front|back|\d))?(?![a-z])|पैन|पॅन/iu],
  ['passport', /passport(?![\s_-]*(?:size|photo))|पासपोर्ट(?!\s*साइज)/iu],
  ['voter_id', /voter|(?<![a-z])epic(?:[\s_-]*(?:card|no))|मतदाता|वोटर/iu],
  ['visa_or_oci', /(?<![a-z])oci(?![a-z])|(?<![a-z])visa[\s_-]*(?:copy|page|stamp)/iu],
  [
    'address_proof',
    /driving[\s_-]*licen[cs]e|(?<![a-z])dl[\s_-]*(?:copy|front|back)|ration[\s_-]*card|राशन/iu,
  ],
  ['nre_nro_proof', /(?<![a-z])nr[eo](?![a-z])[\s_-]*(?:account|a\/c|statement|proof|passbook)/iu],
  ['power_of_attorney', /power[\s_-]*of[\s_-]*attorney|(?<![a-z])poa(?![a-z])|मुख्तारनामा/iu],
  [
    'other',
    /(?<![a-z])kyc(?![a-z])|केवाईसी|id[\s_-]*(?:proof|card)|identity[\s_-]*(?:proof|card)|पहचान\s*पत्र/iu,
  ],
];

/**
 * The identity paper that these words (a caption, a file's name) speak of; undefined when none. `other` when it is
 * one, but not said which.
 * Example: `identityPaperIn('PAN_card_front.jpg') === 'pan'`
 */
export function identityPaperIn(words: string): DocumentKind | undefined {
  const plain = words.replace(/_+/g, ' ');
  return NAMED.find(([, pattern]) => pattern.test(plain))?.[0];
}
