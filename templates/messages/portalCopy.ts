import type { Copy } from './copy.ts';

/** What the buyer's pages say in the chat: the code that opens more of them, and a link in place of an old one. */
export const PORTAL_COPY = {
  /** Meta fixes the words of a code: body and expiry are those of its authentication templates. */
  portal_code: {
    category: 'authentication',
    variables: { code: 'text' },
    en: '*{code}* is your verification code. For your security, do not share this code.',
    hi: '*{code}* आपका सत्यापन कोड है। अपनी सुरक्षा के लिए, इस कोड को शेयर न करें।',
    hinglish: '*{code}* aapka verification code hai. Apni suraksha ke liye yeh code kisi ko share na karein.',
  },
  portal_link_again: {
    category: 'utility',
    variables: { link: 'text' },
    en: 'Here is the new link to your page, as you asked:\n{link}\nIt is yours alone: please do not pass it on.',
    hi: 'आपके कहने पर यह रहा आपके पेज का नया लिंक:\n{link}\nयह केवल आपके लिए है: कृपया इसे किसी को न भेजें।',
    hinglish:
      'Aapke kehne par yeh raha aapke page ka naya link:\n{link}\nYeh sirf aapke liye hai: kripya kisi ko na bhejein.',
  },
} as const satisfies Record<string, Copy>;
