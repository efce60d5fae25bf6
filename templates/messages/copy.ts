/** Approved copy: what the bot may say, by key and language. Nothing else reaches a buyer but a person's words. */

/**
 * How a variable is written out: `papers` is a list of papers in copy keys (`papers.ts`), amounts are integer paise (`exactPaise` is never rounded), dateTimes and days UTC
 * Dates, durations minutes. A buyer's name may be empty: many people give none on WhatsApp.
 */
export type VariableType =
  | 'text'
  | 'buyerName'
  | 'moneyPaise'
  | 'exactPaise'
  | 'day'
  | 'dateTime'
  | 'shortDateTime'
  | 'durationMinutes'
  | 'team'
  | 'papers';

export type Copy = {
  /** Meta's category of the approved Cloud API template of the same meaning; only one-time codes authenticate. */
  category: 'utility' | 'marketing' | 'authentication';
  /** In the order of the template's {{1}}, {{2}}, … parameters. */
  variables: Record<string, VariableType>;
  en: string;
  hi: string;
  hinglish: string;
};

/** Variables of every acknowledgement that names a ticket. */
const TICKET = { ticket: 'text', team: 'team', respondWithinMinutes: 'durationMinutes' } as const;

export const ENQUIRY_COPY = {
  which_one: {
    category: 'utility',
    variables: {},
    en: 'Which one do you mean?',
    hi: 'आप किसके बारे में पूछ रहे हैं?',
    hinglish: 'Aap kiske baare mein pooch rahe hain?',
  },
  brochure_caption: {
    category: 'marketing',
    variables: { name: 'buyerName', project: 'text', rera: 'text' },
    en: 'Namaste {name}! Thank you for asking about *{project}*. Here is the brochure.\nRERA: {rera}',
    hi: 'नमस्ते {name}! *{project}* में रुचि के लिए धन्यवाद। यह रहा ब्रोशर।\nRERA: {rera}',
    hinglish:
      'Namaste {name}! *{project}* mein interest ke liye dhanyavaad. Yeh raha brochure.\nRERA: {rera}',
  },
  brochure_again: {
    category: 'utility',
    variables: { name: 'buyerName', project: 'text', rera: 'text' },
    en: 'Here is the brochure of *{project}* again, {name}. RERA: {rera}',
    hi: '{name}, *{project}* का ब्रोशर फिर से भेज रहे हैं। RERA: {rera}',
    hinglish: '{name}, *{project}* ka brochure phir se bhej rahe hain. RERA: {rera}',
  },
  greeting_again: {
    category: 'utility',
    variables: {},
    en: 'Namaste! How can we help you today?',
    hi: 'नमस्ते! हम आपकी क्या मदद कर सकते हैं?',
    hinglish: 'Namaste! Hum aapki kya madad kar sakte hain?',
  },
  ask_project: {
    category: 'utility',
    variables: {},
    en: 'Which of our projects are you interested in?',
    hi: 'आप हमारे किस प्रोजेक्ट में रुचि रखते हैं?',
    hinglish: 'Aap hamare kis project mein interested hain?',
  },
  ask_configuration: {
    category: 'utility',
    variables: {},
    en: 'Which size of home are you looking for?',
    hi: 'आप कितने बड़े घर की तलाश में हैं?',
    hinglish: 'Aap kitna bada ghar dekh rahe hain?',
  },
  ask_budget: {
    category: 'utility',
    variables: {},
    en: 'What budget do you have in mind? You can also type an amount, such as 90 lakh.',
    hi: 'आपका बजट कितना है? आप राशि लिख भी सकते हैं, जैसे 90 लाख।',
    hinglish: 'Aapka budget kitna hai? Aap amount likh bhi sakte hain, jaise 90 lakh.',
  },
  ask_timeline: {
    category: 'utility',
    variables: {},
    en: 'When would you like to buy?',
    hi: 'आप कब तक खरीदना चाहते हैं?',
    hinglish: 'Aap kab tak kharidna chahte hain?',
  },
  ask_purpose: {
    category: 'utility',
    variables: {},
    en: 'Is the home for you to live in, or an investment?',
    hi: 'घर रहने के लिए है या निवेश के लिए?',
    hinglish: 'Ghar rehne ke liye hai ya investment ke liye?',
  },
  ask_loan: {
    category: 'utility',
    variables: {},
    en: 'Will you need a home loan?',
    hi: 'क्या आपको होम लोन चाहिए होगा?',
    hinglish: 'Kya aapko home loan chahiye hoga?',
  },
  qualified: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Thank you, that helps. A member of our sales team will contact you about *{project}*. Would you like to see it yourself?',
    hi: 'धन्यवाद, इससे मदद मिलेगी। *{project}* के बारे में हमारी सेल्स टीम आपसे संपर्क करेगी। क्या आप साइट देखना चाहेंगे?',
    hinglish:
      'Dhanyavaad, isse madad milegi. *{project}* ke baare mein hamari sales team aapse contact karegi. Kya aap site dekhna chahenge?',
  },
  not_interested: {
    category: 'utility',
    variables: {},
    en: 'Thank you for telling us. We will not follow up on this enquiry. Write to us any time.',
    hi: 'बताने के लिए धन्यवाद। हम इस पूछताछ पर आगे संपर्क नहीं करेंगे। जब चाहें हमें लिखें।',
    hinglish:
      'Batane ke liye dhanyavaad. Hum is enquiry par follow up nahi karenge. Jab chahein hamein likhein.',
  },
  enquiry_check_in: {
    category: 'marketing',
    variables: { name: 'buyerName', project: 'text' },
    en: 'Namaste {name}, just checking in about *{project}*. Is there anything you would like to know? You can write here, or choose below.',
    hi: 'नमस्ते {name}, *{project}* के बारे में याद किया। क्या आप कुछ और जानना चाहेंगे? यहीं लिखें, या नीचे से चुनें।',
    hinglish:
      'Namaste {name}, *{project}* ke baare mein bas poochh rahe the. Kya aap kuch aur jaanna chahenge? Yahin likhein, ya neeche se chunein.',
  },
  price_range: {
    category: 'utility',
    variables: {
      project: 'text',
      homes: 'text',
      fromPaise: 'moneyPaise',
      toPaise: 'moneyPaise',
      rera: 'text',
    },
    en: '*{project}* ({homes}): {fromPaise} to {toPaise}, before taxes and registration. The price of a particular unit comes from our sales team in writing. RERA: {rera}',
    hi: '*{project}* ({homes}): {fromPaise} से {toPaise}, टैक्स और रजिस्ट्रेशन अलग। किसी यूनिट की सटीक कीमत हमारी सेल्स टीम लिखित में देगी। RERA: {rera}',
    hinglish:
      '*{project}* ({homes}): {fromPaise} se {toPaise}, tax aur registration alag. Kisi unit ka exact price hamari sales team likh kar degi. RERA: {rera}',
  },
  location: {
    category: 'utility',
    variables: { project: 'text', address: 'text', mapUrl: 'text' },
    en: '*{project}* is at {address}.\nMap: {mapUrl}',
    hi: '*{project}* का पता: {address}।\nमैप: {mapUrl}',
    hinglish: '*{project}* ka address: {address}.\nMap: {mapUrl}',
  },
  project_summary: {
    category: 'utility',
    variables: { project: 'text', address: 'text', homes: 'text', rera: 'text' },
    en: '*{project}*, {address}: {homes}. The brochure above has plans, amenities and prices. RERA: {rera}',
    hi: '*{project}*, {address}: {homes}। ऊपर के ब्रोशर में सुविधाएँ और कीमतें हैं। RERA: {rera}',
    hinglish: '*{project}*, {address}: {homes}. Upar brochure mein amenities aur price hain. RERA: {rera}',
  },
} as const satisfies Record<string, Copy>;

export const CASE_COPY = {
  courtesy: {
    category: 'utility',
    variables: {},
    en: 'Thank you. We are here whenever you need us.',
    hi: 'धन्यवाद। ज़रूरत हो तो हम यहीं हैं।',
    hinglish: 'Dhanyavaad. Zaroorat ho to hum yahin hain.',
  },
  opted_in: {
    category: 'utility',
    variables: {},
    en: 'Welcome back. We will keep you informed here. Write STOP to end messages.',
    hi: 'फिर से स्वागत है। हम आपको यहाँ जानकारी देते रहेंगे। बंद करने के लिए STOP लिखें।',
    hinglish: 'Phir se swagat hai. Hum aapko yahan inform karte rahenge. Band karne ke liye STOP likhein.',
  },
  opted_out: {
    category: 'utility',
    variables: {},
    en: 'You will get no more messages from us, except answers when you write. Write START to hear from us again.',
    hi: 'अब हम आपको संदेश नहीं भेजेंगे, केवल आपके लिखने पर उत्तर देंगे। फिर से शुरू करने के लिए START लिखें।',
    hinglish:
      'Ab hum aapko message nahi bhejenge, sirf aapke likhne par jawab denge. Phir se shuru karne ke liye START likhein.',
  },
  passed_to_person: {
    category: 'utility',
    variables: TICKET,
    en: 'Thank you for your message. Our {team} team will answer you here within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'आपके संदेश के लिए धन्यवाद। हमारी {team} टीम {respondWithinMinutes} में आपको यहीं उत्तर देगी। टिकट {ticket}।',
    hinglish:
      'Aapke message ke liye dhanyavaad. Hamari {team} team {respondWithinMinutes} mein aapko yahin jawab degi. Ticket {ticket}.',
  },
  added_to_case: {
    category: 'utility',
    variables: TICKET,
    en: 'Noted. We have added this to ticket {ticket} for our {team} team.',
    hi: 'नोट कर लिया। इसे हमारी {team} टीम के टिकट {ticket} में जोड़ दिया है।',
    hinglish: 'Note kar liya. Ise hamari {team} team ke ticket {ticket} mein jod diya hai.',
  },
  human_request: {
    category: 'utility',
    variables: TICKET,
    en: 'Of course. A member of our {team} team will write to you here within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'ज़रूर। हमारी {team} टीम से कोई {respondWithinMinutes} में आपको यहीं लिखेगा। टिकट {ticket}।',
    hinglish:
      'Zaroor. Hamari {team} team se koi {respondWithinMinutes} mein aapko yahin likhega. Ticket {ticket}.',
  },
  outside_hours: {
    category: 'utility',
    variables: {
      team: 'team',
      opensAt: 'dateTime',
      respondWithinMinutes: 'durationMinutes',
      ticket: 'text',
    },
    en: 'Thank you for your message. Our {team} team is back at work on *{opensAt}*, and a person will answer you here within {respondWithinMinutes} of that. Ticket {ticket}.',
    hi: 'आपके संदेश के लिए धन्यवाद। हमारी {team} टीम *{opensAt}* से फिर काम पर होगी, और उसके बाद {respondWithinMinutes} में कोई आपको यहीं उत्तर देगा। टिकट {ticket}।',
    hinglish:
      'Aapke message ke liye dhanyavaad. Hamari {team} team *{opensAt}* se phir kaam par hogi, aur uske baad {respondWithinMinutes} mein koi aapko yahin jawab dega. Ticket {ticket}.',
  },
  call_missed: {
    category: 'utility',
    variables: TICKET,
    en: 'Sorry, this number cannot take calls. A member of our {team} team will call you back or write here within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'क्षमा करें, इस नंबर पर कॉल नहीं हो सकती। हमारी {team} टीम से कोई {respondWithinMinutes} में आपको फ़ोन करेगा या यहीं लिखेगा। टिकट {ticket}।',
    hinglish:
      'Sorry, is number par call nahi ho sakti. Hamari {team} team se koi {respondWithinMinutes} mein aapko call karega ya yahin likhega. Ticket {ticket}.',
  },
  late_reply: {
    category: 'utility',
    variables: TICKET,
    en: 'Sorry, we could not be reached for a while and have only now received your message. Our {team} team will answer you here within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'क्षमा करें, कुछ समय तक हम तक संदेश नहीं पहुँच रहे थे और आपका संदेश अभी मिला है। हमारी {team} टीम {respondWithinMinutes} में आपको यहीं उत्तर देगी। टिकट {ticket}।',
    hinglish:
      'Sorry, kuch der tak humein message nahi mil rahe the aur aapka message abhi mila hai. Hamari {team} team {respondWithinMinutes} mein aapko yahin jawab degi. Ticket {ticket}.',
  },
  choose_one: {
    category: 'utility',
    variables: {},
    en: 'More than one is ticked. Please choose one:',
    hi: 'एक से अधिक चुने गए हैं। कृपया एक चुनें:',
    hinglish: 'Ek se zyada tick hue hain. Please ek chunein:',
  },
  person_waiting: {
    category: 'utility',
    variables: { name: 'text', team: 'team' },
    en: '{name} from our {team} team has a message for you. Please reply here to read it.',
    hi: 'हमारी {team} टीम से {name} ने आपके लिए एक संदेश भेजा है। पढ़ने के लिए कृपया यहाँ उत्तर दें।',
    hinglish:
      'Hamari {team} team se {name} ne aapke liye ek message bheja hai. Padhne ke liye kripya yahan reply karein.',
  },
  wrong_number: {
    category: 'utility',
    variables: TICKET,
    en: 'Sorry for the trouble. Our {team} team will correct our records within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'असुविधा के लिए क्षमा करें। हमारी {team} टीम {respondWithinMinutes} में रिकॉर्ड ठीक करेगी। टिकट {ticket}।',
    hinglish:
      'Takleef ke liye sorry. Hamari {team} team {respondWithinMinutes} mein record theek karegi. Ticket {ticket}.',
  },
  data_erasure: {
    category: 'utility',
    variables: TICKET,
    en: 'We have recorded your request about your personal data. Our {team} team will write to you within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'आपके निजी डेटा का अनुरोध दर्ज कर लिया गया है। हमारी {team} टीम {respondWithinMinutes} में आपको लिखेगी। टिकट {ticket}।',
    hinglish:
      'Aapke personal data ki request record kar li hai. Hamari {team} team {respondWithinMinutes} mein aapko likhegi. Ticket {ticket}.',
  },
  complaint: {
    category: 'utility',
    variables: TICKET,
    en: 'We are sorry you had to write about this. Our {team} team has your message and will give you an update within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'आपको यह लिखना पड़ा, इसके लिए खेद है। आपका संदेश हमारी {team} टीम के पास है; {respondWithinMinutes} में आपको अपडेट देंगे। टिकट {ticket}।',
    hinglish:
      'Aapko yeh likhna pada, iske liye khed hai. Aapka message hamari {team} team ke paas hai; {respondWithinMinutes} mein update denge. Ticket {ticket}.',
  },
  payment_claim: {
    category: 'utility',
    variables: TICKET,
    en: 'Thank you. You have told us about a payment; our {team} team is checking the bank record and will update you within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'धन्यवाद। आपने भुगतान की जानकारी दी है; हमारी {team} टीम बैंक रिकॉर्ड देखकर {respondWithinMinutes} में अपडेट देगी। टिकट {ticket}।',
    hinglish:
      'Dhanyavaad. Aapne payment ki jaankari di hai; hamari {team} team bank record dekhkar {respondWithinMinutes} mein update degi. Ticket {ticket}.',
  },
  payment_confirmed: {
    category: 'utility',
    variables: { staff: 'text', team: 'team', ticket: 'text' },
    en: '{staff} of our {team} team confirms that your payment has been received. Ticket {ticket}.',
    hi: 'हमारी {team} टीम से {staff} पुष्टि करते हैं कि आपका भुगतान मिल गया है। टिकट {ticket}।',
    hinglish:
      'Hamari {team} team se {staff} confirm karte hain ki aapka payment mil gaya hai. Ticket {ticket}.',
  },
  payment_not_received: {
    category: 'utility',
    variables: { staff: 'text', team: 'team', ticket: 'text' },
    en: '{staff} of our {team} team has looked: your payment does not show in our account yet. Please send the payment receipt or its reference number here, if you have one. Ticket {ticket}.',
    hi: 'हमारी {team} टीम से {staff} ने देखा है: आपका भुगतान अभी हमारे खाते में नहीं दिख रहा। रसीद या रेफ़रेंस नंबर हो तो कृपया यहाँ भेजें। टिकट {ticket}।',
    hinglish:
      'Hamari {team} team se {staff} ne dekha hai: aapka payment abhi hamare account mein nahi dikh raha. Receipt ya reference number ho to yahan bhejein. Ticket {ticket}.',
  },
  payment_request: {
    category: 'utility',
    variables: TICKET,
    en: 'We have noted your request. A member of our {team} team will respond within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'आपका अनुरोध नोट कर लिया है। हमारी {team} टीम {respondWithinMinutes} में उत्तर देगी। टिकट {ticket}।',
    hinglish:
      'Aapki request note kar li hai. Hamari {team} team {respondWithinMinutes} mein jawab degi. Ticket {ticket}.',
  },
  payment_how: {
    category: 'utility',
    variables: TICKET,
    en: 'Our {team} team will send you the official way to pay within {respondWithinMinutes}. Please do not pay to details received anywhere else. Ticket {ticket}.',
    hi: 'हमारी {team} टीम {respondWithinMinutes} में भुगतान का आधिकारिक तरीका भेजेगी। कृपया कहीं और से मिली जानकारी पर भुगतान न करें। टिकट {ticket}।',
    hinglish:
      'Hamari {team} team {respondWithinMinutes} mein payment ka official tareeka bhejegi. Kahin aur se mili details par payment na karein. Ticket {ticket}.',
  },
  payee_check: {
    category: 'utility',
    variables: TICKET,
    en: 'Please do not pay anything until we have checked this with you. Our {team} team will write within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'कृपया जाँच होने तक कोई भुगतान न करें। हमारी {team} टीम {respondWithinMinutes} में लिखेगी। टिकट {ticket}।',
    hinglish:
      'Jaanch hone tak koi payment na karein. Hamari {team} team {respondWithinMinutes} mein likhegi. Ticket {ticket}.',
  },
  kyc_channel: {
    category: 'utility',
    variables: TICKET,
    en: 'Please do not send identity documents in this chat. Our {team} team will send you a secure link within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'कृपया पहचान के दस्तावेज़ इस चैट में न भेजें। हमारी {team} टीम {respondWithinMinutes} में सुरक्षित लिंक भेजेगी। टिकट {ticket}।',
    hinglish:
      'Identity documents is chat mein na bhejein. Hamari {team} team {respondWithinMinutes} mein secure link bhejegi. Ticket {ticket}.',
  },
  legal_concern: {
    category: 'utility',
    variables: TICKET,
    en: 'We have recorded what you have told us and passed it to our {team} team. A person will write to you within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'आपने जो बताया वह दर्ज करके हमारी {team} टीम को दे दिया है। {respondWithinMinutes} में कोई व्यक्ति आपको लिखेगा। टिकट {ticket}।',
    hinglish:
      'Aapne jo bataya woh record karke hamari {team} team ko de diya hai. {respondWithinMinutes} mein koi vyakti aapko likhega. Ticket {ticket}.',
  },
  bereavement: {
    category: 'utility',
    variables: TICKET,
    en: 'We are deeply sorry for your loss. We have stopped all reminders. A person from our {team} team will guide you within {respondWithinMinutes}. Ticket {ticket}.',
    hi: 'आपके दुख में हम आपके साथ हैं। सभी रिमाइंडर रोक दिए गए हैं। हमारी {team} टीम से कोई {respondWithinMinutes} में आपका मार्गदर्शन करेगा। टिकट {ticket}।',
    hinglish:
      'Aapke dukh mein hum aapke saath hain. Saare reminder rok diye gaye hain. Hamari {team} team se koi {respondWithinMinutes} mein aapki madad karega. Ticket {ticket}.',
  },
  defect_report: {
    category: 'utility',
    variables: TICKET,
    en: 'We have sent this to our {team} team. The next update comes within {respondWithinMinutes}. A photograph here helps them. Ticket {ticket}.',
    hi: 'यह हमारी {team} टीम को भेज दिया है। अगला अपडेट {respondWithinMinutes} में मिलेगा। यहाँ एक फ़ोटो भेजने से मदद होगी। टिकट {ticket}।',
    hinglish:
      'Yeh hamari {team} team ko bhej diya hai. Agla update {respondWithinMinutes} mein milega. Yahan ek photo bhejne se madad hogi. Ticket {ticket}.',
  },
} as const satisfies Record<string, Copy>;

/** What people of the team choose from a menu and send in their own name. */
export const PEOPLE_COPY = {
  call_back_time: {
    category: 'utility',
    variables: { staff: 'text', team: 'team', at: 'dateTime' },
    en: '{staff} from our {team} team will call you: *{at}*. Write here if another time suits you better.',
    hi: 'हमारी {team} टीम से {staff} आपको फ़ोन करेंगे: *{at}*। दूसरा समय बेहतर हो तो यहीं लिखें।',
    hinglish:
      'Hamari {team} team se {staff} aapko call karenge: *{at}*. Doosra time behtar ho to yahin likhein.',
  },
  document_received: {
    category: 'utility',
    variables: { document: 'text', ticket: 'text' },
    en: 'We have received this from you: {document}. We will write here if anything more is needed. Ticket {ticket}.',
    hi: 'आपसे यह मिल गया है: {document}। कुछ और चाहिए होगा तो यहीं लिखेंगे। टिकट {ticket}।',
    hinglish: 'Aapse yeh mil gaya hai: {document}. Kuch aur chahiye hoga to yahin likhenge. Ticket {ticket}.',
  },
  update_soon: {
    category: 'utility',
    variables: { ticket: 'text', team: 'team', at: 'dateTime' },
    en: 'We are still working on ticket {ticket}. Our {team} team will write to you by *{at}*.',
    hi: 'टिकट {ticket} पर काम चल रहा है। हमारी {team} टीम आपको *{at}* तक लिखेगी।',
    hinglish: 'Ticket {ticket} par kaam chal raha hai. Hamari {team} team aapko *{at}* tak likhegi.',
  },
  visit_follow_up: {
    category: 'utility',
    variables: { name: 'buyerName', project: 'text', staff: 'text' },
    en: 'Namaste {name}, this is {staff} about your visit to *{project}*. What more would you like to know? Reply here and we will answer.',
    hi: 'नमस्ते {name}, *{project}* की आपकी विज़िट के बारे में {staff} लिख रहे हैं। आप और क्या जानना चाहेंगे? यहीं लिखें, हम उत्तर देंगे।',
    hinglish:
      'Namaste {name}, *{project}* ki aapki visit ke baare mein {staff} likh rahe hain. Aap aur kya jaanna chahenge? Yahin likhein, hum jawab denge.',
  },
  noc_in_progress: {
    category: 'utility',
    variables: { ticket: 'text', team: 'team', at: 'dateTime' },
    en: 'Your request for a no-objection certificate (NOC) is with our {team} team. The next update comes by *{at}*. Ticket {ticket}.',
    hi: 'अनापत्ति प्रमाणपत्र (NOC) का आपका अनुरोध हमारी {team} टीम के पास है। अगला अपडेट *{at}* तक मिलेगा। टिकट {ticket}।',
    hinglish:
      'NOC ki aapki request hamari {team} team ke paas hai. Agla update *{at}* tak milega. Ticket {ticket}.',
  },
  meeting_invite: {
    category: 'utility',
    variables: { staff: 'text', team: 'team', at: 'dateTime', place: 'text' },
    en: '{staff} from our {team} team would like to meet you: *{at}*, {place}. Please reply here to confirm, or name a time that suits you.',
    hi: 'हमारी {team} टीम से {staff} आपसे मिलना चाहते हैं: *{at}*, {place}। पुष्टि के लिए यहीं उत्तर दें, या अपना समय बताएँ।',
    hinglish:
      'Hamari {team} team se {staff} aapse milna chahte hain: *{at}*, {place}. Confirm karne ke liye yahin reply karein, ya apna time batayein.',
  },
  payment_reference_needed: {
    category: 'utility',
    variables: { ticket: 'text' },
    en: 'To find your payment in the bank record we need its reference number (UTR), the amount and the date. Please reply with these here. Never share a PIN, an OTP or a card number. Ticket {ticket}.',
    hi: 'बैंक रिकॉर्ड में आपका भुगतान देखने के लिए उसका रेफ़रेंस नंबर (UTR), राशि और तारीख चाहिए। कृपया यहीं लिखें। PIN, OTP या कार्ड नंबर कभी न बताएँ। टिकट {ticket}।',
    hinglish:
      'Bank record mein aapka payment dekhne ke liye reference number (UTR), amount aur date chahiye. Kripya yahin likhein. PIN, OTP ya card number kabhi na batayein. Ticket {ticket}.',
  },
  closing_check: {
    category: 'utility',
    variables: { ticket: 'text', team: 'team' },
    en: 'Is everything in ticket {ticket} settled for you? If anything is still open, reply here and our {team} team will look at it again.',
    hi: 'क्या टिकट {ticket} का सब काम हो गया? कुछ बाकी हो तो यहीं लिखें, हमारी {team} टीम फिर से देखेगी।',
    hinglish:
      'Kya ticket {ticket} ka sab kaam ho gaya? Kuch baaki ho to yahin likhein, hamari {team} team phir se dekhegi.',
  },
} as const satisfies Record<string, Copy>;

/** What campaigns remind of: facts of the ledger, a way to object, and no pressure. */
export const CAMPAIGN_COPY = {
  payment_overdue: {
    category: 'utility',
    variables: { name: 'buyerName', project: 'text', unit: 'text', amountPaise: 'exactPaise', dueOn: 'day' },
    en: 'Namaste {name}. For unit {unit} at *{project}*, {amountPaise} was due on {dueOn} and is not yet in our records. If you have paid, please tell us here. If you need help, write to us and our team will answer.',
    hi: 'नमस्ते {name}। *{project}* की यूनिट {unit} के लिए {amountPaise} {dueOn} को देय थे और हमारे रिकॉर्ड में अभी नहीं आए हैं। भुगतान कर दिया हो तो कृपया यहीं बताएँ। मदद चाहिए तो लिखें, हमारी टीम उत्तर देगी।',
    hinglish:
      'Namaste {name}. *{project}* ki unit {unit} ke liye {amountPaise} {dueOn} ko due the aur hamare record mein abhi nahi aaye hain. Payment kar diya ho to kripya yahin batayein. Madad chahiye to likhein, hamari team jawab degi.',
  },
  payment_due: {
    category: 'utility',
    variables: { name: 'buyerName', project: 'text', unit: 'text', amountPaise: 'exactPaise', dueOn: 'day' },
    en: 'Namaste {name}. A reminder for unit {unit} at *{project}*: {amountPaise} is due on {dueOn}. If you have paid or have a question, please write to us here.',
    hi: 'नमस्ते {name}। *{project}* की यूनिट {unit} के लिए याद दिला रहे हैं: {amountPaise} {dueOn} को देय हैं। भुगतान कर दिया हो या कोई सवाल हो तो कृपया यहीं लिखें।',
    hinglish:
      'Namaste {name}. *{project}* ki unit {unit} ka reminder: {amountPaise} {dueOn} ko due hain. Payment kar diya ho ya koi sawaal ho to kripya yahin likhein.',
  },
  kyc_missing: {
    category: 'utility',
    variables: { name: 'buyerName', project: 'text', missing: 'papers' },
    en: 'Namaste {name}. For your booking at *{project}* we still need: {missing}\nPlease do not send identity documents in this chat; write to us and our team will send you the secure link.',
    hi: 'नमस्ते {name}। *{project}* की आपकी बुकिंग के लिए अभी ये दस्तावेज़ चाहिए: {missing}\nकृपया पहचान के दस्तावेज़ इस चैट में न भेजें; हमें लिखें, हमारी टीम सुरक्षित लिंक भेजेगी।',
    hinglish:
      'Namaste {name}. *{project}* ki aapki booking ke liye abhi yeh documents chahiye: {missing}\nIdentity documents is chat mein na bhejein; humein likhein, hamari team secure link bhejegi.',
  },
} as const satisfies Record<string, Copy>;

/** Words on quick replies: at most 20 characters, as WhatsApp allows. */
export const CHOICE_COPY = {
  choice_value: {
    category: 'utility',
    variables: { value: 'text' },
    en: '{value}',
    hi: '{value}',
    hinglish: '{value}',
  },
  choice_yes: { category: 'utility', variables: {}, en: 'Yes', hi: 'हाँ', hinglish: 'Haan' },
  choice_no: { category: 'utility', variables: {}, en: 'No', hi: 'नहीं', hinglish: 'Nahi' },
  choice_book_visit: {
    category: 'utility',
    variables: {},
    en: 'Book a site visit',
    hi: 'साइट विज़िट',
    hinglish: 'Site visit karni hai',
  },
  choice_talk_to_us: {
    category: 'utility',
    variables: {},
    en: 'Talk to a person',
    hi: 'बात करनी है',
    hinglish: 'Baat karni hai',
  },
  choice_budget_up_to: {
    category: 'utility',
    variables: { amountPaise: 'moneyPaise' },
    en: 'Up to {amountPaise}',
    hi: '{amountPaise} तक',
    hinglish: '{amountPaise} tak',
  },
  choice_budget_above: {
    category: 'utility',
    variables: { amountPaise: 'moneyPaise' },
    en: 'Above {amountPaise}',
    hi: '{amountPaise} से ऊपर',
    hinglish: '{amountPaise} se upar',
  },
  choice_timeline_now: {
    category: 'utility',
    variables: {},
    en: 'Within 3 months',
    hi: '3 महीने में',
    hinglish: '3 mahine mein',
  },
  choice_timeline_half_year: {
    category: 'utility',
    variables: {},
    en: 'In 3 to 6 months',
    hi: '3 से 6 महीने में',
    hinglish: '3 se 6 mahine mein',
  },
  choice_timeline_later: {
    category: 'utility',
    variables: {},
    en: 'Later',
    hi: 'बाद में',
    hinglish: 'Baad mein',
  },
  choice_purpose_live: {
    category: 'utility',
    variables: {},
    en: 'To live in',
    hi: 'रहने के लिए',
    hinglish: 'Rehne ke liye',
  },
  choice_purpose_invest: {
    category: 'utility',
    variables: {},
    en: 'Investment',
    hi: 'निवेश',
    hinglish: 'Investment',
  },
  choice_slot: {
    category: 'utility',
    variables: { at: 'shortDateTime' },
    en: '{at}',
    hi: '{at}',
    hinglish: '{at}',
  },
  choice_other_time: {
    category: 'utility',
    variables: {},
    en: 'Another time',
    hi: 'दूसरा समय',
    hinglish: 'Doosra time',
  },
} as const satisfies Record<string, Copy>;
