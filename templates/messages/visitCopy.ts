import type { Copy } from './copy.ts';

/** What buyers read about visits. */
export const VISIT_COPY = {
  visit_offer_first: {
    category: 'utility',
    variables: { project: 'text', link: 'text' },
    en: 'We would love to show you *{project}*. Which time suits you? You can also type a day and time, such as Saturday 4 pm. All times: {link}',
    hi: 'हमें आपको *{project}* दिखाकर खुशी होगी। कौन सा समय ठीक रहेगा? आप दिन और समय लिख भी सकते हैं, जैसे शनिवार शाम 4 बजे। सभी समय: {link}',
    hinglish:
      'Humein aapko *{project}* dikhakar khushi hogi. Kaunsa time theek rahega? Aap din aur time likh bhi sakte hain, jaise Saturday shaam 4 baje. Saare time: {link}',
  },
  visit_offer_not_open: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'That time is not free for a visit to *{project}*. These are:',
    hi: '*{project}* देखने के लिए वह समय खाली नहीं है। ये समय खाली हैं:',
    hinglish: '*{project}* visit ke liye woh time khaali nahi hai. Yeh time khaali hain:',
  },
  visit_offer_taken: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Sorry, someone has just booked that time at *{project}*. These are still free:',
    hi: 'क्षमा करें, *{project}* में वह समय अभी-अभी बुक हो गया। ये समय अभी खाली हैं:',
    hinglish: 'Sorry, *{project}* mein woh time abhi book ho gaya. Yeh time abhi khaali hain:',
  },
  visit_offer_reschedule: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Of course. Which new time suits you for *{project}*? Your present booking stays until you choose.',
    hi: 'ज़रूर। *{project}* के लिए कौन सा नया समय ठीक रहेगा? चुनने तक आपकी मौजूदा बुकिंग बनी रहेगी।',
    hinglish:
      'Zaroor. *{project}* ke liye kaunsa naya time theek rahega? Chunne tak aapki booking bani rahegi.',
  },
  visit_offer_other_day: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'These times are free at *{project}* on that day:',
    hi: 'उस दिन *{project}* में ये समय खाली हैं:',
    hinglish: 'Us din *{project}* mein yeh time khaali hain:',
  },
  visit_no_slots: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'There is no free visiting time at *{project}* in the next days. Our sales team will call you to find one.',
    hi: 'अगले कुछ दिनों में *{project}* में कोई समय खाली नहीं है। हमारी सेल्स टीम समय तय करने के लिए आपको फ़ोन करेगी।',
    hinglish:
      'Agle kuch din *{project}* mein koi time khaali nahi hai. Hamari sales team time fix karne ke liye aapko call karegi.',
  },
  visit_confirm_time: {
    category: 'utility',
    variables: { at: 'dateTime', project: 'text' },
    en: '{at}, at *{project}*: shall we book this visit?',
    hi: '{at}, *{project}*: क्या यह विज़िट बुक कर दें?',
    hinglish: '{at}, *{project}*: kya yeh visit book kar dein?',
  },
  visit_confirmed: {
    category: 'utility',
    variables: { project: 'text', at: 'dateTime', address: 'text', mapUrl: 'text', associate: 'text' },
    en: 'Your visit to *{project}* is booked: *{at}*.\n{associate} will meet you at {address}.\nMap: {mapUrl}\nWrite here if you need another time.',
    hi: '*{project}* की आपकी विज़िट बुक हो गई: *{at}*।\n{associate} आपसे मिलेंगे: {address}।\nमैप: {mapUrl}\nसमय बदलना हो तो यहीं लिखें।',
    hinglish:
      '*{project}* ki aapki visit book ho gayi: *{at}*.\n{associate} aapse milenge: {address}.\nMap: {mapUrl}\nTime badalna ho to yahin likhein.',
  },
  visit_reminder: {
    category: 'utility',
    variables: { project: 'text', at: 'dateTime', mapUrl: 'text', associate: 'text' },
    en: 'A reminder of your visit to *{project}*: *{at}*. {associate} will meet you. Map: {mapUrl}\nWrite here if you need another time.',
    hi: '*{project}* की आपकी विज़िट याद दिला रहे हैं: *{at}*। {associate} आपसे मिलेंगे। मैप: {mapUrl}\nसमय बदलना हो तो यहीं लिखें।',
    hinglish:
      '*{project}* visit ka reminder: *{at}*. {associate} aapse milenge. Map: {mapUrl}\nTime badalna ho to yahin likhein.',
  },
  visit_offer_reminder: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Would you still like to see *{project}*? Choose a time above, or type one that suits you.',
    hi: 'क्या आप अब भी *{project}* देखना चाहेंगे? ऊपर से समय चुनें, या अपना समय लिखें।',
    hinglish: 'Kya aap ab bhi *{project}* dekhna chahenge? Upar se time chunein, ya apna time likhein.',
  },
  visit_cancelled: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Your visit to *{project}* is cancelled. Write to us any time to choose another one.',
    hi: '*{project}* की आपकी विज़िट रद्द कर दी गई है। दूसरा समय चुनने के लिए कभी भी लिखें।',
    hinglish:
      '*{project}* ki aapki visit cancel kar di gayi hai. Doosra time chunne ke liye kabhi bhi likhein.',
  },
  visit_offer_impossible: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'There is no such date. These times are free for a visit to *{project}*:',
    hi: 'ऐसी कोई तारीख़ नहीं है। *{project}* देखने के लिए ये समय खाली हैं:',
    hinglish: 'Aisi koi date nahi hai. *{project}* visit ke liye yeh time khaali hain:',
  },
  visit_offer_past: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'That time has already passed. These times are free for a visit to *{project}*:',
    hi: 'वह समय बीत चुका है। *{project}* देखने के लिए ये समय खाली हैं:',
    hinglish: 'Woh time nikal chuka hai. *{project}* visit ke liye yeh time khaali hain:',
  },
  visit_offer_too_soon: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'That is too soon for us to be ready at *{project}*. These times are free:',
    hi: 'उतनी जल्दी हम *{project}* में तैयारी नहीं कर पाएँगे। ये समय खाली हैं:',
    hinglish: 'Itni jaldi hum *{project}* mein taiyaari nahi kar payenge. Yeh time khaali hain:',
  },
  visit_offer_too_far: {
    category: 'utility',
    variables: { project: 'text', days: 'text' },
    en: 'Visits to *{project}* can be booked up to {days} days ahead. These times are free:',
    hi: '*{project}* की विज़िट {days} दिन पहले तक बुक की जा सकती है। ये समय खाली हैं:',
    hinglish: '*{project}* ki visit {days} din pehle tak book ho sakti hai. Yeh time khaali hain:',
  },
  visit_offer_holiday: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Our site office at *{project}* is closed for a holiday on that day. These times are free:',
    hi: 'उस दिन *{project}* का साइट ऑफ़िस छुट्टी के कारण बंद है। ये समय खाली हैं:',
    hinglish: 'Us din *{project}* ka site office holiday ki wajah se band hai. Yeh time khaali hain:',
  },
  visit_offer_closed_day: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'There are no visits to *{project}* on that day of the week. These times are free:',
    hi: 'सप्ताह के उस दिन *{project}* में विज़िट नहीं होती। ये समय खाली हैं:',
    hinglish: 'Hafte ke us din *{project}* mein visit nahi hoti. Yeh time khaali hain:',
  },
  visit_offer_outside_hours: {
    category: 'utility',
    variables: { project: 'text', hours: 'text' },
    en: 'Visiting hours at *{project}* are {hours}. These times are free:',
    hi: '*{project}* देखने का समय {hours} है। ये समय खाली हैं:',
    hinglish: '*{project}* visit ka time {hours} hai. Yeh time khaali hain:',
  },
  visit_offer_missed: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'We are sorry that we missed you at *{project}*. Would another time suit you? These are free:',
    hi: '*{project}* में आपसे मुलाक़ात नहीं हो पाई। क्या कोई दूसरा समय ठीक रहेगा? ये समय खाली हैं:',
    hinglish:
      '*{project}* mein aapse mulaqat nahi ho payi. Kya koi doosra time theek rahega? Yeh time khaali hain:',
  },
  visit_calendar: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'Your visit to *{project}* for your calendar: open the file to save it.',
    hi: '*{project}* की विज़िट आपके कैलेंडर के लिए: सेव करने के लिए फ़ाइल खोलें।',
    hinglish: '*{project}* visit aapke calendar ke liye: save karne ke liye file kholein.',
  },
  visit_calendar_cancelled: {
    category: 'utility',
    variables: { project: 'text' },
    en: 'This file takes your visit to *{project}* out of your calendar.',
    hi: 'यह फ़ाइल *{project}* की विज़िट को आपके कैलेंडर से हटा देती है।',
    hinglish: 'Yeh file *{project}* visit ko aapke calendar se hata deti hai.',
  },
  visit_calendar_link: {
    category: 'utility',
    variables: { project: 'text', link: 'text' },
    en: 'Your visits to *{project}*, also for your calendar: {link}',
    hi: '*{project}* की आपकी विज़िट, कैलेंडर के लिए भी: {link}',
    hinglish: '*{project}* ki aapki visits, calendar ke liye bhi: {link}',
  },
  visit_late_noted: {
    category: 'utility',
    variables: { project: 'text', at: 'dateTime', associate: 'text' },
    en: 'Thank you for letting us know. We have told {associate}; your visit to *{project}* ({at}) stays booked. If another time suits you better, write it here.',
    hi: 'बताने के लिए धन्यवाद। हमने {associate} को बता दिया है; *{project}* की आपकी विज़िट ({at}) बुक है। दूसरा समय चाहिए तो यहीं लिखें।',
    hinglish:
      'Batane ke liye dhanyavaad. Humne {associate} ko bata diya hai; *{project}* ki aapki visit ({at}) booked hai. Doosra time chahiye to yahin likhein.',
  },
  visit_feedback: {
    category: 'utility',
    variables: { project: 'text', associate: 'text' },
    en: 'Thank you for visiting *{project}*. How was your visit with {associate}, from 1 (poor) to 5 (very good)? You can also answer in your own words.',
    hi: '*{project}* आने के लिए धन्यवाद। {associate} के साथ विज़िट कैसी रही, 1 (ख़राब) से 5 (बहुत अच्छी) तक? आप अपने शब्दों में भी लिख सकते हैं।',
    hinglish:
      '*{project}* aane ke liye dhanyavaad. {associate} ke saath visit kaisi rahi, 1 (kharab) se 5 (bahut acchi) tak? Aap apne words mein bhi likh sakte hain.',
  },
  visit_feedback_thanks: {
    category: 'utility',
    variables: {},
    en: 'Thank you for telling us.',
    hi: 'बताने के लिए धन्यवाद।',
    hinglish: 'Batane ke liye dhanyavaad.',
  },
  visit_upcoming: {
    category: 'utility',
    variables: { project: 'text', at: 'dateTime', mapUrl: 'text', associate: 'text', link: 'text' },
    en: 'A reminder of your visit to *{project}*: *{at}*. {associate} will meet you.\nMap: {mapUrl}\nChange or cancel: {link}, or write here.',
    hi: '*{project}* की आपकी विज़िट याद दिला रहे हैं: *{at}*। {associate} आपसे मिलेंगे।\nमैप: {mapUrl}\nसमय बदलें या रद्द करें: {link}, या यहीं लिखें।',
    hinglish:
      '*{project}* visit ka reminder: *{at}*. {associate} aapse milenge.\nMap: {mapUrl}\nTime badalna ya cancel karna ho: {link}, ya yahin likhein.',
  },
} as const satisfies Record<string, Copy>;
