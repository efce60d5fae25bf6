import type { Phone } from './message.ts';

const ENGLISH = ['Hi, brochure of 2BHK?', 'What is the price of 3BHK?', 'Can I visit on Saturday at 11am?'];

/** The invented people whose phones stand ready on a fresh machine. */
export const FIRST_BUYERS: readonly Omit<Phone, 'messages'>[] = [
  {
    number: '+919999900001',
    name: 'Asha Verma',
    samples: [...ENGLISH, 'Is the project RERA registered?', 'Please ask someone to call me'],
  },
  {
    number: '+919999900002',
    name: 'Rohan Mehta',
    samples: [
      'kal 4 baje visit kar sakte hain?',
      '2bhk ka rate kya hai bhai',
      'loan mil jayega kya?',
      'payment kar diya, UTR 412345678901',
      'thoda time chahiye, Friday ko pay karunga',
    ],
  },
  {
    number: '+919999900003',
    name: 'Sunita Devi',
    samples: [
      'मुझे ब्रोशर भेजिए',
      'क्या मैं रविवार को साइट देखने आ सकती हूँ?',
      '2 बीएचके की कीमत कितनी है?',
      'मुझे किसी से बात करनी है',
    ],
  },
  {
    number: '+919999900004',
    name: 'Imran Sheikh',
    samples: [
      'I will go to RERA',
      'Why am I being charged interest?',
      'I have already paid the last demand',
      'When will possession be given?',
      'STOP',
    ],
  },
];

/** What a number without a story is offered to say. */
export const NEW_NUMBER_SAMPLES: readonly string[] = [
  ...ENGLISH,
  'kal 4 baje visit kar sakte hain?',
  'मुझे ब्रोशर भेजिए',
];
