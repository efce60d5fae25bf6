import type { Copy } from './copy.ts';

/**
 * What is said of a booking's money: facts of the ledger, the buyer's own page as the way to pay, and a way to object.
 * Nothing here promises, waives or confirms; a receipt says what a person has confirmed.
 */

const OF_UNIT = { unit: 'text', project: 'text' } as const;
const ASKS = { ...OF_UNIT, amountPaise: 'exactPaise', dueOn: 'day', link: 'text' } as const;

export const PAYMENT_COPY = {
  demand_letter: {
    category: 'utility',
    variables: { name: 'buyerName', ...ASKS },
    en: 'Namaste {name}. Here is the demand letter for unit {unit} at *{project}*: {amountPaise}, payable by {dueOn}. Your page shows what it is for and how to pay: {link}',
    hi: 'नमस्ते {name}। *{project}* की यूनिट {unit} का माँग पत्र यह रहा: {amountPaise}, {dueOn} तक देय। यह किसलिए है और भुगतान कैसे करें, आपके पेज पर है: {link}',
    hinglish:
      'Namaste {name}. *{project}* ki unit {unit} ka demand letter yeh raha: {amountPaise}, {dueOn} tak payable. Yeh kis liye hai aur payment kaise karein, aapke page par hai: {link}',
  },
  demand_due_soon: {
    category: 'utility',
    variables: { name: 'buyerName', ...ASKS },
    en: 'Namaste {name}. A reminder for unit {unit} at *{project}*: {amountPaise} is due on {dueOn}. How to pay: {link}\nIf you have paid or have a question, please write to us here.',
    hi: 'नमस्ते {name}। *{project}* की यूनिट {unit} के लिए याद दिला रहे हैं: {amountPaise} {dueOn} को देय हैं। भुगतान कैसे करें: {link}\nभुगतान कर दिया हो या कोई सवाल हो तो कृपया यहीं लिखें।',
    hinglish:
      'Namaste {name}. *{project}* ki unit {unit} ka reminder: {amountPaise} {dueOn} ko due hain. Payment kaise karein: {link}\nPayment kar diya ho ya koi sawaal ho to kripya yahin likhein.',
  },
  demand_due_today: {
    category: 'utility',
    variables: ASKS,
    en: 'For unit {unit} at *{project}*, {amountPaise} is due today, {dueOn}. How to pay: {link}\nIf you have paid already, please tell us here.',
    hi: '*{project}* की यूनिट {unit} के लिए {amountPaise} आज, {dueOn} को देय हैं। भुगतान कैसे करें: {link}\nभुगतान कर दिया हो तो कृपया यहीं बताएँ।',
    hinglish:
      '*{project}* ki unit {unit} ke liye {amountPaise} aaj, {dueOn} ko due hain. Payment kaise karein: {link}\nPayment kar diya ho to kripya yahin batayein.',
  },
  demand_not_seen: {
    category: 'utility',
    variables: ASKS,
    en: 'For unit {unit} at *{project}*, {amountPaise} was due on {dueOn} and is not yet in our records. How to pay: {link}\nIf you have paid, please tell us here. If you need help, write to us and our team will answer.',
    hi: '*{project}* की यूनिट {unit} के लिए {amountPaise} {dueOn} को देय थे और हमारे रिकॉर्ड में अभी नहीं आए हैं। भुगतान कैसे करें: {link}\nभुगतान कर दिया हो तो कृपया यहीं बताएँ। मदद चाहिए तो लिखें, हमारी टीम उत्तर देगी।',
    hinglish:
      '*{project}* ki unit {unit} ke liye {amountPaise} {dueOn} ko due the aur hamare record mein abhi nahi aaye hain. Payment kaise karein: {link}\nPayment kar diya ho to kripya yahin batayein. Madad chahiye to likhein, hamari team jawab degi.',
  },
  promise_day_passed: {
    category: 'utility',
    variables: { ...OF_UNIT, promised: 'day', link: 'text' },
    en: 'You had told us about a payment by {promised} for unit {unit} at *{project}*. It is not yet in our records. Your page shows how things stand: {link}\nIf you have paid, or if something is in the way, please write to us here.',
    hi: 'आपने *{project}* की यूनिट {unit} के लिए {promised} तक भुगतान की बात बताई थी। वह हमारे रिकॉर्ड में अभी नहीं आया है। स्थिति आपके पेज पर है: {link}\nभुगतान कर दिया हो या कोई रुकावट हो तो कृपया यहीं लिखें।',
    hinglish:
      'Aapne *{project}* ki unit {unit} ke liye {promised} tak payment ki baat batayi thi. Woh hamare record mein abhi nahi aaya hai. Status aapke page par hai: {link}\nPayment kar diya ho ya koi rukawat ho to kripya yahin likhein.',
  },
  payment_page: {
    category: 'utility',
    variables: { ...OF_UNIT, link: 'text' },
    en: 'Your own page for unit {unit} at *{project}* shows what is due and how to pay: {link}\nWe never send account details in a chat. Please do not pay to details received anywhere else.',
    hi: '*{project}* की यूनिट {unit} के लिए आपका पेज बताता है कि क्या देय है और भुगतान कैसे करें: {link}\nहम चैट में खाते की जानकारी कभी नहीं भेजते। कृपया कहीं और से मिली जानकारी पर भुगतान न करें।',
    hinglish:
      '*{project}* ki unit {unit} ke liye aapka page batata hai ki kya due hai aur payment kaise karein: {link}\nHum chat mein account details kabhi nahi bhejte. Kahin aur se mili details par payment na karein.',
  },
  payment_reference_known: {
    category: 'utility',
    variables: { unit: 'text' },
    en: 'The payment reference that you sent for unit {unit} has been told to us already. Our collections team is looking at it with the bank record. If you meant another payment, please send its reference here.',
    hi: 'यूनिट {unit} के लिए आपने जो रेफ़रेंस भेजा है, वह हमें पहले ही बताया जा चुका है। हमारी कलेक्शन टीम बैंक रिकॉर्ड के साथ उसे देख रही है। कोई दूसरा भुगतान हो तो कृपया उसका रेफ़रेंस यहीं भेजें।',
    hinglish:
      'Unit {unit} ke liye aapne jo reference bheja hai, woh humein pehle hi bataya ja chuka hai. Hamari collections team bank record ke saath use dekh rahi hai. Koi doosra payment ho to uska reference yahin bhejein.',
  },
  payment_claim_noted: {
    category: 'utility',
    variables: { unit: 'text', respondWithinMinutes: 'durationMinutes' },
    en: 'You have told us on your page about a payment for unit {unit}. Our collections team is checking the bank record and will update you within {respondWithinMinutes}.',
    hi: 'आपने अपने पेज पर यूनिट {unit} के भुगतान की जानकारी दी है। हमारी कलेक्शन टीम बैंक रिकॉर्ड देखकर {respondWithinMinutes} में अपडेट देगी।',
    hinglish:
      'Aapne apne page par unit {unit} ke payment ki jaankari di hai. Hamari collections team bank record dekhkar {respondWithinMinutes} mein update degi.',
  },
  payment_not_seen: {
    category: 'utility',
    variables: { unit: 'text' },
    en: 'Our collections team has looked: the payment that you told us about for unit {unit} does not show in our account yet. Please send its receipt or reference number here, if you have one.',
    hi: 'हमारी कलेक्शन टीम ने देखा है: यूनिट {unit} के लिए बताया गया भुगतान अभी हमारे खाते में नहीं दिख रहा। रसीद या रेफ़रेंस नंबर हो तो कृपया यहीं भेजें।',
    hinglish:
      'Hamari collections team ne dekha hai: unit {unit} ke liye bataya gaya payment abhi hamare account mein nahi dikh raha. Receipt ya reference number ho to yahan bhejein.',
  },
  payment_receipt: {
    category: 'utility',
    variables: { ...OF_UNIT, amountPaise: 'exactPaise', receipt: 'text' },
    en: 'Here is the receipt {receipt} for {amountPaise}, unit {unit} at *{project}*. Thank you.',
    hi: '*{project}* की यूनिट {unit} के लिए {amountPaise} की रसीद {receipt} यह रही। धन्यवाद।',
    hinglish: '*{project}* ki unit {unit} ke liye {amountPaise} ki receipt {receipt} yeh rahi. Dhanyavaad.',
  },
  co_applicant_recorded: {
    category: 'utility',
    variables: { name: 'buyerName', ...OF_UNIT, first: 'buyerName', link: 'text' },
    en: 'Namaste {name}. You are a co-applicant of unit {unit} at *{project}*. Demand letters and reminders go to {first}, the first applicant. Your own page shows the booking and takes your papers: {link}\nIf you have paid or have a question, please write to us here. We never ask for documents or account details in the chat itself.',
    hi: 'नमस्ते {name}। *{project}* की यूनिट {unit} में आप सह-आवेदक हैं। माँग पत्र और रिमाइंडर पहले आवेदक {first} को जाते हैं। आपके अपने पेज पर बुकिंग दिखती है और आपके दस्तावेज़ लिए जाते हैं: {link}\nभुगतान किया हो या कोई सवाल हो तो कृपया यहीं लिखें। चैट में हम दस्तावेज़ या खाते की जानकारी कभी नहीं माँगते।',
    hinglish:
      'Namaste {name}. *{project}* ki unit {unit} mein aap co-applicant hain. Demand letter aur reminder pehle applicant {first} ko jaate hain. Aapke apne page par booking dikhti hai aur aapke documents liye jaate hain: {link}\nPayment kiya ho ya koi sawaal ho to kripya yahin likhein. Chat mein hum documents ya account details kabhi nahi maangte.',
  },
  booking_recorded: {
    category: 'utility',
    variables: { name: 'buyerName', ...OF_UNIT, manager: 'text' },
    en: 'Namaste {name}. Your booking of unit {unit} at *{project}* is recorded. {manager} of our team looks after it.\nWhat comes next: your documents, through a secure page; then the agreement for sale; and a demand letter for each instalment, here in this chat. We never ask for documents or account details in the chat itself.',
    hi: 'नमस्ते {name}। *{project}* की यूनिट {unit} की आपकी बुकिंग दर्ज हो गई है। हमारी टीम से {manager} इसे देखेंगे।\nआगे: आपके दस्तावेज़, एक सुरक्षित पेज से; फिर विक्रय अनुबंध; और हर किस्त का माँग पत्र, इसी चैट में। चैट में हम दस्तावेज़ या खाते की जानकारी कभी नहीं माँगते।',
    hinglish:
      'Namaste {name}. *{project}* ki unit {unit} ki aapki booking record ho gayi hai. Hamari team se {manager} ise dekhenge.\nAage: aapke documents, ek secure page se; phir agreement for sale; aur har instalment ka demand letter, isi chat mein. Chat mein hum documents ya account details kabhi nahi maangte.',
  },
} as const satisfies Record<string, Copy>;
