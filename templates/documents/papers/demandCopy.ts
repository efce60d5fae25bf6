import type { PaperLanguage } from './phrases.ts';

/** Every word of a demand letter that does not come from its data. */
export type DemandCopy = {
  title: string;
  number: string;
  date: string;
  dueDate: string;
  fallenDue: (given: { milestone: string; clause: string; agreementOn: string | undefined }) => string;
  certified: (given: { by: string; on: string }) => string;
  previous: string;
  instalment: (milestone: string) => string;
  gst: (rate: string) => string;
  received: string;
  total: (dueOn: string) => string;
  tds: string;
  tdsText: (given: { sum: string; section: string; form: string; certificate: string }) => string;
  tdsNet: (given: { net: string; certificate: string }) => string;
  interest: string;
  interestText: (given: { sum: string; asOf: string; rate: string }) => string;
  interestApart: string;
  pay: string;
  payText: string;
  payButton: string;
  account: string;
  accountNumber: (account: { number: string; ifsc: string }) => string;
  accountWarning: string;
  questions: string;
};

const english: DemandCopy = {
  title: 'Demand letter',
  number: 'Letter no.',
  date: 'Date',
  dueDate: 'To be paid by',
  fallenDue: ({ milestone, clause, agreementOn }) =>
    `Under ${clause} of the agreement for sale${agreementOn ? ` dated ${agreementOn}` : ''}, the instalment for this milestone has become payable: ${milestone}.`,
  certified: ({ by, on }) => `Certified by ${by} on ${on}.`,
  previous: 'Previous dues, outstanding',
  instalment: (milestone) => `This instalment: ${milestone}`,
  gst: (rate) => `GST on this instalment at ${rate}`,
  received: 'Less: already received for this instalment',
  total: (dueOn) => `Total, by ${dueOn}`,
  tds: 'Tax deducted at source (TDS)',
  tdsText: ({ sum, section, form, certificate }) =>
    `You deduct ${sum} from this instalment (its amount without GST) under ${section}, deposit it with ${form}, and send us the certificate in ${certificate}.`,
  tdsNet: ({ net, certificate }) =>
    `What you pay to us then is ${net}. The deducted amount is credited to you once we have ${certificate}; until then it is shown as awaited.`,
  interest: 'Interest, shown separately',
  interestText: ({ sum, asOf, rate }) =>
    `Interest on late payment up to ${asOf}: ${sum}, simple interest at ${rate} a year for the days since the due date.`,
  interestApart:
    'It is not part of the total above. Questions about it are answered by our collections team.',
  pay: 'How to pay',
  payText:
    'Please pay through your own page. It shows this demand and gives you a receipt for what has been received.',
  payButton: 'Open my payment page',
  account: 'Collection account of the project',
  accountNumber: ({ number, ifsc }) => `Account\u00a0${number} · IFSC\u00a0${ifsc}`,
  accountWarning:
    'We never send account details in a chat or by telephone. If anybody gives you another account, please do not pay, and tell us.',
  questions:
    'If you have paid already, or have a question about this letter, reply to us on WhatsApp: a person will look at it.',
};

const hindi: DemandCopy = {
  title: 'माँग पत्र',
  number: 'पत्र संख्या',
  date: 'दिनांक',
  dueDate: 'भुगतान की अंतिम तिथि',
  fallenDue: ({ milestone, clause, agreementOn }) =>
    `${agreementOn ? `दिनांक ${agreementOn} के ` : ''}विक्रय अनुबंध (${clause}) के अनुसार इस चरण की किस्त देय हो गई है: ${milestone}।`,
  certified: ({ by, on }) => `प्रमाणन: ${by}, दिनांक ${on}।`,
  previous: 'पिछली बकाया राशि',
  instalment: (milestone) => `यह किस्त: ${milestone}`,
  gst: (rate) => `इस किस्त पर जीएसटी ${rate}`,
  received: 'घटाएँ: इस किस्त के लिए पहले से प्राप्त राशि',
  total: (dueOn) => `कुल राशि, ${dueOn} तक`,
  tds: 'स्रोत पर कर कटौती (टीडीएस)',
  tdsText: ({ sum, section, form, certificate }) =>
    `इस किस्त (जीएसटी के बिना) में से ${sum} की कटौती आप ${section} के अंतर्गत करें, ${form} से जमा करें और ${certificate} का प्रमाणपत्र हमें भेजें।`,
  tdsNet: ({ net, certificate }) =>
    `तब हमें देय राशि ${net} है। काटी गई राशि ${certificate} मिलने पर आपके खाते में दर्ज होगी; तब तक वह प्रतीक्षित दिखाई जाएगी।`,
  interest: 'ब्याज, अलग से',
  interestText: ({ sum, asOf, rate }) =>
    `${asOf} तक विलंबित भुगतान पर ब्याज: ${sum}, देय तिथि के बाद के दिनों के लिए ${rate} वार्षिक साधारण ब्याज।`,
  interestApart: 'यह ऊपर की कुल राशि में शामिल नहीं है। इससे जुड़े प्रश्नों का उत्तर हमारी कलेक्शन टीम देगी।',
  pay: 'भुगतान कैसे करें',
  payText: 'कृपया अपने पेज से भुगतान करें। वहाँ यह माँग दिखती है और प्राप्त राशि की रसीद मिलती है।',
  payButton: 'मेरा भुगतान पेज खोलें',
  account: 'परियोजना का कलेक्शन खाता',
  accountNumber: ({ number, ifsc }) => `खाता\u00a0संख्या\u00a0${number} · IFSC\u00a0${ifsc}`,
  accountWarning: 'हम चैट या फ़ोन पर खाते की जानकारी कभी नहीं भेजते। कोई दूसरा खाता बताए तो भुगतान न करें और हमें बताएँ।',
  questions:
    'यदि आप भुगतान कर चुके हैं या इस पत्र के बारे में कोई प्रश्न है, तो WhatsApp पर उत्तर दें: हमारी टीम का कोई व्यक्ति देखेगा।',
};

/** The words of a demand letter in a language. */
export const DEMAND_COPY: Record<PaperLanguage, DemandCopy> = { en: english, hi: hindi };
