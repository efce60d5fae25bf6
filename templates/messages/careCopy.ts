import type { Copy } from './copy.ts';

/** What buyers hear after they have booked. The request for referrals is an offer. */
export const CARE_COPY = {
  care_thanks: {
    category: 'utility',
    variables: { name: 'buyerName', unit: 'text', project: 'text' },
    en: 'Namaste {name}, thank you for choosing unit {unit} at *{project}*. Whenever you have a question about it, write to us here.',
    hi: 'नमस्ते {name}, *{project}* में यूनिट {unit} चुनने के लिए धन्यवाद। इसके बारे में कोई भी सवाल हो, तो हमें यहीं लिखें।',
    hinglish:
      'Namaste {name}, *{project}* mein unit {unit} chunne ke liye dhanyavaad. Iske baare mein koi bhi sawaal ho, to humein yahin likhein.',
  },
  care_referral: {
    category: 'marketing',
    variables: { name: 'buyerName', unit: 'text', project: 'text' },
    en: 'Namaste {name}, do you know somebody who is looking for a home such as yours, {unit} at *{project}*? With their consent, write their name and number here and our sales team will call them. Write STOP OFFERS to hear no more of this kind.',
    hi: 'नमस्ते {name}, क्या आपके जानने वालों में कोई आपके घर जैसा ({unit}, *{project}*) घर ढूँढ रहा है? उनकी सहमति से उनका नाम और नंबर यहाँ लिखें, हमारी सेल्स टीम उन्हें फ़ोन करेगी। ऐसे संदेश न चाहें, तो STOP OFFERS लिखें।',
    hinglish:
      'Namaste {name}, kya aapke jaanne walon mein koi aapke ghar jaisa ({unit}, *{project}*) ghar dhoondh raha hai? Unki sehmati se unka naam aur number yahan likhein, hamari sales team unhein call karegi. Aise message na chahiye, to STOP OFFERS likhein.',
  },
  care_referral_noted: {
    category: 'utility',
    variables: {},
    en: 'Thank you for recommending us. Our sales team has your message; this chat will not write to them by itself. Please let them know that we may call.',
    hi: 'हमारी सिफ़ारिश के लिए धन्यवाद। आपका संदेश हमारी सेल्स टीम के पास है; यह चैट उन्हें अपने आप कुछ नहीं लिखेगी। कृपया उन्हें बता दें कि हम फ़ोन कर सकते हैं।',
    hinglish:
      'Humein recommend karne ke liye dhanyavaad. Aapka message hamari sales team ke paas hai; yeh chat unhein apne aap kuch nahi likhegi. Kripya unhein bata dein ki hum call kar sakte hain.',
  },
  care_week: {
    category: 'utility',
    variables: { name: 'buyerName', unit: 'text', project: 'text' },
    en: 'Namaste {name}, a week ago you booked {unit} at *{project}*. How was the booking for you, from 1 (poor) to 5 (very good)? You can also answer in your own words.',
    hi: 'नमस्ते {name}, एक हफ़्ते पहले आपने *{project}* में {unit} बुक किया। बुकिंग का आपका अनुभव कैसा रहा, 1 (ख़राब) से 5 (बहुत अच्छा) तक? आप अपने शब्दों में भी लिख सकते हैं।',
    hinglish:
      'Namaste {name}, ek hafte pehle aapne *{project}* mein {unit} book kiya. Booking ka aapka anubhav kaisa raha, 1 (kharab) se 5 (bahut accha) tak? Aap apne shabdon mein bhi likh sakte hain.',
  },
  care_month: {
    category: 'utility',
    variables: { name: 'buyerName', unit: 'text', project: 'text' },
    en: 'Namaste {name}, it is a month since you booked {unit} at *{project}*. How well do we look after you, from 1 (poor) to 5 (very well)? You can also answer in your own words.',
    hi: 'नमस्ते {name}, *{project}* में {unit} बुक किए आपको एक महीना हो गया। हम आपका ध्यान कितना अच्छा रखते हैं, 1 (ख़राब) से 5 (बहुत अच्छा) तक? आप अपने शब्दों में भी लिख सकते हैं।',
    hinglish:
      'Namaste {name}, *{project}* mein {unit} book kiye aapko ek mahina ho gaya. Hum aapka dhyaan kitna accha rakhte hain, 1 (kharab) se 5 (bahut accha) tak? Aap apne shabdon mein bhi likh sakte hain.',
  },
  care_answer_noted: {
    category: 'utility',
    variables: {},
    en: 'Thank you for telling us.',
    hi: 'बताने के लिए धन्यवाद।',
    hinglish: 'Batane ke liye dhanyavaad.',
  },
} as const satisfies Record<string, Copy>;
