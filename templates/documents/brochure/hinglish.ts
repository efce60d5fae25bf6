import type { Copy } from './copy.ts';

/** The brochure in Hinglish: Hindi in Latin letters, with the English words that buyers use. */
export const hinglish: Copy = {
  locale: 'en-IN',
  reraNumber: 'RERA No.',
  homesLabel: 'Ghar',
  locationLabel: 'Location',
  priceLabel: 'Price range',
  pages: {
    overview: 'Ek nazar mein',
    homes: 'Ghar aur daam',
    amenities: 'Suvidhayein',
    location: 'Location',
    visit: 'Site visit',
  },
  overview: {
    sentence: ({ name, developer, homes, place }) => `${place} mein ${developer} ka ${name}: ${homes} ghar.`,
    carpetAreas: 'Carpet area',
    amenities: 'Suvidhayein',
    amenityCount: (count) => `${count} ${count === 1 ? 'suvidha' : 'suvidhayein'}`,
    nearest: 'Aas-paas',
    possession: 'Possession',
    possessionText: (declared) => `${declared}, RERA mein ghoshit tareekh ke anusaar`,
  },
  homes: {
    title: 'Yahan har area carpet area hai.',
    type: 'Ghar',
    carpetArea: 'Carpet area',
    squareFeet: 'sq ft',
    squareMetres: 'sq m',
    price: 'Price',
    toScale: 'Carpet area ki tulna. Har chhota khaana ek square metre hai.',
    note: 'Price aur availability agreement for sale ke adheen hain. Tax, stamp duty aur registration niyam ke anusaar alag se.',
  },
  amenities: {
    title: 'Ghar ke bahar bhi, apni jagah.',
    note: 'Chitra: kalakar ki kalpana.',
    named: {},
  },
  location: {
    title: (locality) => `${locality} ke aas-paas`,
    kilometres: 'km',
    note: 'Disha aur doori andaazan hain; sadkein aur hariyali sirf sanket ke liye hain.',
  },
  visit: {
    title: 'Aaiye, khud dekhiye.',
    steps: [
      {
        title: 'WhatsApp par reply karein',
        text: 'Jis chat mein yeh brochure mila, wahin “visit” likhkar bhejein.',
      },
      { title: 'Din aur samay chunein', text: 'Wahin bataye gaye samay mein se koi ek chunein.' },
      { title: 'Aaram se pahunchein', text: 'Map, samay aur aapke host ka naam WhatsApp par mil jayega.' },
    ],
    hours: 'Visit ka samay',
    openDays: (from, to) => `${from.charAt(0).toUpperCase()}${from.slice(1)} se ${to} tak`,
    hour: (hourOfDay) => `${partOfDay(hourOfDay)} ${hourOfDay % 12 || 12} baje`,
    closed: (weekdays) => `${weekdays} ko band`,
    host: 'Aapke host',
    address: 'Pata',
    openMap: 'Map kholein',
    registration: 'RERA registration',
    verify: (website) => `Project ki jaanch yahan karein: ${website}`,
    important: 'Kripya dhyan dein',
    issued: (date) => `${date} ko jaari.`,
  },
  disclaimer: [
    'Yeh brochure sirf jaankari ke liye hai; yeh na offer hai, na agreement.',
    'Price aur availability badal sakti hain aur agreement for sale ke adheen hain.',
    'Sabhi area carpet area hain, Real Estate (Regulation and Development) Act, 2016 ki dhara 2(k) ke anusaar. 1 sq m = 10.764 sq ft.',
    'Chitra, drawing aur map kalakar ki kalpana hain.',
    'Possession wahi hai jo authority ko ghoshit ki gayi hai; kisi aur tareekh ka vaada nahin hai.',
    'Tax, stamp duty aur registration charge niyam ke anusaar dene honge.',
    'Faisla lene se pehle project ki jaankari authority ki website par zaroor jaanch lein.',
  ],
};

function partOfDay(hourOfDay: number): string {
  const hour = hourOfDay % 24;
  if (hour < 4 || hour >= 20) return 'raat';
  if (hour < 12) return 'subah';
  return hour < 16 ? 'dopahar' : 'shaam';
}
