import type { Copy } from './copy.ts';

/** What is said of a buyer's agreement to offers, and of the erasure of their data. */
export const CONSENT_COPY = {
  offers_stopped: {
    category: 'utility',
    variables: {},
    en: 'You will get no more offers from us. Messages about your own visits, papers and payments go on; write STOP to end those too.',
    hi: 'अब हम आपको ऑफ़र नहीं भेजेंगे। आपकी विज़िट, दस्तावेज़ और भुगतान के संदेश आते रहेंगे; उन्हें भी बंद करने के लिए STOP लिखें।',
    hinglish:
      'Ab hum aapko offers nahi bhejenge. Aapki visit, papers aur payment ke message aate rahenge; unhe bhi band karne ke liye STOP likhein.',
  },
  offers_started: {
    category: 'utility',
    variables: {},
    en: 'Thank you. We will keep you informed here, with our offers too. Write NO OFFERS to end those, or STOP to end all messages.',
    hi: 'धन्यवाद। हम आपको यहाँ जानकारी और ऑफ़र भेजते रहेंगे। ऑफ़र बंद करने के लिए NO OFFERS, सभी संदेश बंद करने के लिए STOP लिखें।',
    hinglish:
      'Dhanyavaad. Hum aapko yahan jaankari aur offers bhejte rahenge. Offers band karne ke liye NO OFFERS, sabhi message band karne ke liye STOP likhein.',
  },
  data_erased: {
    category: 'utility',
    variables: {},
    en: 'As you asked, your personal data has been erased from our system. What the law obliges us to keep stays in our records as long as it does. You will get no more messages from us, except answers when you write.',
    hi: 'आपके अनुरोध पर आपका निजी डेटा हमारे सिस्टम से मिटा दिया गया है। जो रिकॉर्ड कानूनन रखना ज़रूरी है, वह केवल उतने समय तक रहेगा। अब हम आपको संदेश नहीं भेजेंगे, केवल आपके लिखने पर उत्तर देंगे।',
    hinglish:
      'Aapki request par aapka personal data hamare system se mita diya gaya hai. Jo record kanoonan rakhna zaroori hai, woh sirf utne samay tak rahega. Ab hum aapko message nahi bhejenge, sirf aapke likhne par jawab denge.',
  },
  visit_bring_friends: {
    category: 'marketing',
    variables: { project: 'text', at: 'dateTime' },
    en: 'You are coming to *{project}* on {at}. If friends or family are looking for a home too, bring them along: we will show you all around. Write NO OFFERS to end such messages.',
    hi: 'आप {at} को *{project}* आ रहे हैं। अगर आपके मित्र या परिवार भी घर देख रहे हैं, तो उन्हें साथ लाइए: हम सबको दिखाएँगे। ऐसे संदेश बंद करने के लिए NO OFFERS लिखें।',
    hinglish:
      'Aap {at} ko *{project}* aa rahe hain. Agar aapke dost ya parivaar bhi ghar dekh rahe hain, to unhe saath laaiye: hum sabko dikhayenge. Aise message band karne ke liye NO OFFERS likhein.',
  },
} satisfies Record<string, Copy>;
