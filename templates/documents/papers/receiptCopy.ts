import type { PaperLanguage } from './phrases.ts';

/** Every word of a receipt that does not come from its data. */
export type ReceiptCopy = {
  title: string;
  number: string;
  date: string;
  realised: string;
  received: (payer: string, sum: string) => string;
  credited: (payer: string, sum: string) => string;
  mode: string;
  modes: Record<ReceiptMode, string>;
  reference: string;
  amount: string;
  part: (given: { demand: string; milestone: string }) => string;
  advance: string;
  allocation: string;
  tds: string;
  tdsText: string;
  certificateText: string;
  confirmed: string;
  certified: string;
};

/** How the money came. */
export const RECEIPT_MODES = [
  'neft',
  'rtgs',
  'imps',
  'upi',
  'cheque',
  'demand_draft',
  'loan_disbursement',
  'tds_certificate',
] as const;
export type ReceiptMode = (typeof RECEIPT_MODES)[number];

const english: ReceiptCopy = {
  title: 'Receipt',
  number: 'Receipt no.',
  date: 'Date',
  realised: 'Realised on',
  received: (payer, sum) => `Received with thanks from ${payer}: ${sum}`,
  credited: (payer, sum) => `Credited to ${payer} against a certificate of tax deducted at source: ${sum}`,
  mode: 'Mode',
  modes: {
    neft: 'NEFT',
    rtgs: 'RTGS',
    imps: 'IMPS',
    upi: 'UPI',
    cheque: 'Cheque',
    demand_draft: 'Demand draft',
    loan_disbursement: 'Loan disbursement',
    tds_certificate: 'TDS certificate',
  },
  reference: 'Reference (UTR)',
  amount: 'Amount received',
  part: ({ demand, milestone }) => `Demand ${demand}: ${milestone}`,
  advance: 'Advance, kept for the next demand',
  allocation: 'What it was credited to',
  tds: 'TDS',
  tdsText:
    'Tax that you deduct at source is credited only once its certificate is with us, on a receipt of its own.',
  certificateText:
    'This receipt is the credit for tax that was deducted at source; no money was received by it.',
  confirmed:
    'Confirmed against the bank record by our collections team. Made by computer, valid without a signature.',
  certified:
    'Confirmed against the certificate by our collections team. Made by computer, valid without a signature.',
};

const hindi: ReceiptCopy = {
  title: 'रसीद',
  number: 'रसीद संख्या',
  date: 'दिनांक',
  realised: 'प्राप्ति की तिथि',
  received: (payer, sum) => `${payer} से सधन्यवाद प्राप्त: ${sum}`,
  credited: (payer, sum) => `${payer} के खाते में टीडीएस प्रमाणपत्र के आधार पर दर्ज: ${sum}`,
  mode: 'माध्यम',
  modes: {
    ...english.modes,
    cheque: 'चेक',
    demand_draft: 'डिमांड ड्राफ़्ट',
    loan_disbursement: 'ऋण वितरण',
    tds_certificate: 'टीडीएस प्रमाणपत्र',
  },
  reference: 'संदर्भ संख्या (UTR)',
  amount: 'प्राप्त राशि',
  part: ({ demand, milestone }) => `माँग ${demand}: ${milestone}`,
  advance: 'अग्रिम, अगली माँग के लिए',
  allocation: 'राशि किसमें दर्ज हुई',
  tds: 'टीडीएस',
  tdsText: 'स्रोत पर काटा गया कर उसका प्रमाणपत्र मिलने पर ही, अलग रसीद से, दर्ज होता है।',
  certificateText: 'यह रसीद स्रोत पर काटे गए कर को दर्ज करने की है; इससे कोई धनराशि प्राप्त नहीं हुई।',
  confirmed: 'हमारी कलेक्शन टीम ने बैंक रिकॉर्ड से पुष्टि की है। कंप्यूटर से बनी है, हस्ताक्षर के बिना मान्य है।',
  certified: 'हमारी कलेक्शन टीम ने प्रमाणपत्र से पुष्टि की है। कंप्यूटर से बनी है, हस्ताक्षर के बिना मान्य है।',
};

/** The words of a receipt in a language. */
export const RECEIPT_COPY: Record<PaperLanguage, ReceiptCopy> = { en: english, hi: hindi };
