import type { Copy } from './copy.ts';

/**
 * What is said of papers: their names, why each is needed, what is still missing, and how to send one again. The
 * names and reasons are put into the sentences that ask for them.
 */

/** Names of papers, by the id of the rule that asks for them. */
const PAPERS = {
  kyc_paper_other: line('The paper you sent', 'आपका भेजा दस्तावेज़', 'Aapka bheja document'),
  kyc_paper_pan: line('PAN card', 'पैन कार्ड', 'PAN card'),
  kyc_paper_identity: line(
    'Identity proof (masked Aadhaar, passport or voter card)',
    'पहचान प्रमाण (मास्क किया आधार, पासपोर्ट या वोटर कार्ड)',
    'Identity proof (masked Aadhaar, passport ya voter card)',
  ),
  kyc_paper_address: line('Address proof', 'पते का प्रमाण', 'Address proof'),
  kyc_paper_photo: line('Passport-size photograph', 'पासपोर्ट साइज़ फ़ोटो', 'Passport-size photo'),
  kyc_paper_passport: line('Passport', 'पासपोर्ट', 'Passport'),
  kyc_paper_status: line('Visa or OCI card', 'वीज़ा या OCI कार्ड', 'Visa ya OCI card'),
  kyc_paper_overseas_address: line(
    'Proof of address abroad',
    'विदेश के पते का प्रमाण',
    'Videsh ke address ka proof',
  ),
  kyc_paper_nre_nro: line('NRE or NRO account proof', 'NRE या NRO खाते का प्रमाण', 'NRE ya NRO account proof'),
  kyc_paper_attorney: line(
    'Power of attorney, apostilled',
    'मुख्तारनामा (अपोस्टिल किया हुआ)',
    'Power of attorney (apostilled)',
  ),
  kyc_paper_incorporation: line(
    'Certificate of incorporation',
    'कंपनी का निगमन प्रमाणपत्र',
    'Certificate of incorporation',
  ),
  kyc_paper_memorandum: line(
    'Memorandum and articles of association',
    'कंपनी का MOA और AOA',
    'Company ka MOA aur AOA',
  ),
  kyc_paper_company_pan: line('PAN card of the company', 'कंपनी का पैन कार्ड', 'Company ka PAN card'),
  kyc_paper_gst: line('GST registration certificate', 'GST पंजीकरण प्रमाणपत्र', 'GST registration certificate'),
  kyc_paper_gst_optional: line(
    'GST registration certificate, if you have one',
    'GST पंजीकरण प्रमाणपत्र, यदि हो',
    'GST registration certificate, agar ho',
  ),
  kyc_paper_resolution: line('Board resolution', 'बोर्ड का प्रस्ताव', 'Board resolution'),
  kyc_paper_signatory: line(
    'Identity proof of the authorised signatory',
    'अधिकृत हस्ताक्षरकर्ता का पहचान प्रमाण',
    'Authorised signatory ka identity proof',
  ),
  kyc_paper_owners: line(
    'Declaration of beneficial owners',
    'लाभार्थी स्वामियों की घोषणा',
    'Beneficial owners ka declaration',
  ),
  kyc_paper_huf_pan: line('PAN card of the HUF', 'HUF का पैन कार्ड', 'HUF ka PAN card'),
  kyc_paper_karta_pan: line('PAN card of the karta', 'कर्ता का पैन कार्ड', 'Karta ka PAN card'),
  kyc_paper_karta: line('Identity proof of the karta', 'कर्ता का पहचान प्रमाण', 'Karta ka identity proof'),
  kyc_paper_huf_declaration: line('HUF declaration', 'HUF की घोषणा', 'HUF declaration'),
  kyc_paper_sanction: line('Loan sanction letter', 'लोन स्वीकृति पत्र', 'Loan sanction letter'),
  kyc_paper_tripartite: line('Tripartite agreement', 'त्रिपक्षीय समझौता', 'Tripartite agreement'),
  kyc_paper_disbursement: line(
    'Disbursement request to the bank',
    'बैंक को राशि जारी करने का अनुरोध',
    'Bank ko disbursement request',
  ),
} as const satisfies Record<string, Copy>;

/** Why a paper is needed. */
const REASONS = {
  kyc_why_pan: line(
    'needed for the agreement, and for the tax credit on what you pay',
    'समझौते के लिए और आपके भुगतान पर टैक्स क्रेडिट के लिए ज़रूरी',
    'agreement ke liye aur aapke payment par tax credit ke liye zaroori',
  ),
  kyc_why_identity: line(
    'needed to confirm who the applicant is',
    'आवेदक की पहचान के लिए ज़रूरी',
    'applicant ki pehchaan ke liye zaroori',
  ),
  kyc_why_address: line(
    'needed for the address in the agreement',
    'समझौते में पते के लिए ज़रूरी',
    'agreement mein address ke liye zaroori',
  ),
  kyc_why_photo: line(
    'needed for the allotment letter and registration',
    'आवंटन पत्र और रजिस्ट्रेशन के लिए ज़रूरी',
    'allotment letter aur registration ke liye zaroori',
  ),
  kyc_why_passport: line(
    'needed from buyers who live abroad',
    'विदेश में रहने वाले खरीदारों से ज़रूरी',
    'videsh mein rehne wale buyers se zaroori',
  ),
  kyc_why_status: line(
    'needed to confirm NRI or OCI status',
    'NRI या OCI स्थिति के लिए ज़रूरी',
    'NRI ya OCI status ke liye zaroori',
  ),
  kyc_why_overseas_address: line(
    'needed for the address in the agreement',
    'समझौते में पते के लिए ज़रूरी',
    'agreement mein address ke liye zaroori',
  ),
  kyc_why_nre_nro: line(
    'needed to show from which account you pay',
    'यह दिखाने के लिए कि भुगतान किस खाते से होगा',
    'yeh dikhane ke liye ki payment kis account se hoga',
  ),
  kyc_why_attorney: line(
    'needed because somebody else signs for you',
    'क्योंकि आपकी ओर से कोई और हस्ताक्षर करेगा',
    'kyunki aapki taraf se koi aur sign karega',
  ),
  kyc_why_incorporation: line(
    'needed to confirm the company',
    'कंपनी की पुष्टि के लिए ज़रूरी',
    'company confirm karne ke liye zaroori',
  ),
  kyc_why_memorandum: line(
    'needed to see that the company may buy property',
    'यह देखने के लिए कि कंपनी संपत्ति खरीद सकती है',
    'yeh dekhne ke liye ki company property khareed sakti hai',
  ),
  kyc_why_company_pan: line(
    'needed for the agreement, and for the tax credit on what the company pays',
    'समझौते और टैक्स क्रेडिट के लिए ज़रूरी',
    'agreement aur tax credit ke liye zaroori',
  ),
  kyc_why_gst: line(
    'needed for the GST number on your invoices',
    'बिल पर GST नंबर के लिए ज़रूरी',
    'bill par GST number ke liye zaroori',
  ),
  kyc_why_gst_optional: line(
    'puts your GST number on the invoices',
    'इससे बिल पर आपका GST नंबर आएगा',
    'isse bill par aapka GST number aayega',
  ),
  kyc_why_resolution: line(
    'needed to show that the board approves this purchase',
    'यह दिखाने के लिए कि बोर्ड ने यह खरीद मंज़ूर की है',
    'yeh dikhane ke liye ki board ne yeh purchase approve kiya hai',
  ),
  kyc_why_signatory: line(
    'needed to confirm who signs for the company',
    'कंपनी की ओर से कौन हस्ताक्षर करेगा, इसकी पुष्टि के लिए',
    'company ki taraf se kaun sign karega, iski pushti ke liye',
  ),
  kyc_why_owners: line(
    'needed by the rules against money laundering',
    'मनी लॉन्ड्रिंग रोकने के नियमों के अनुसार ज़रूरी',
    'money laundering rokne ke niyamon ke hisaab se zaroori',
  ),
  kyc_why_huf_pan: line(
    'needed for the agreement, and for the tax credit on what the HUF pays',
    'समझौते और टैक्स क्रेडिट के लिए ज़रूरी',
    'agreement aur tax credit ke liye zaroori',
  ),
  kyc_why_karta_pan: line(
    'needed because the karta signs',
    'क्योंकि कर्ता हस्ताक्षर करेंगे',
    'kyunki karta sign karenge',
  ),
  kyc_why_karta: line(
    'needed to confirm who the karta is',
    'कर्ता की पहचान के लिए ज़रूरी',
    'karta ki pehchaan ke liye zaroori',
  ),
  kyc_why_huf_declaration: line(
    'needed to name the karta and the members',
    'कर्ता और सदस्यों के नाम के लिए ज़रूरी',
    'karta aur members ke naam ke liye zaroori',
  ),
  kyc_why_sanction: line(
    'needed so that your bank can pay',
    'ताकि आपका बैंक भुगतान कर सके',
    'taaki aapka bank payment kar sake',
  ),
  kyc_why_tripartite: line(
    'needed between you, your bank and us',
    'आपके, आपके बैंक और हमारे बीच ज़रूरी',
    'aapke, aapke bank aur hamare beech zaroori',
  ),
  kyc_why_disbursement: line(
    'needed so that your bank can pay',
    'ताकि आपका बैंक भुगतान कर सके',
    'taaki aapka bank payment kar sake',
  ),
  kyc_barred_farmland: line(
    'The rules do not let buyers with NRI or OCI status buy farmland. Our legal team will speak with you.',
    'नियमों के अनुसार NRI या OCI खरीदार कृषि भूमि नहीं खरीद सकते। हमारी लीगल टीम आपसे बात करेगी।',
    'Niyamon ke hisaab se NRI ya OCI buyers krishi bhoomi nahi khareed sakte. Hamari legal team aapse baat karegi.',
  ),
} as const satisfies Record<string, Copy>;

/** One line of what is missing; `paper` is a name, `why` a reason, `how` one of the retake instructions. */
const STATES = {
  kyc_missing_not_sent: line(
    '{paper}: not received yet ({why})',
    '{paper}: अभी नहीं मिला ({why})',
    '{paper}: abhi nahi mila ({why})',
    { paper: 'text', why: 'text' },
  ),
  kyc_missing_rejected: line(
    '{paper}: please send it again. {how}',
    '{paper}: कृपया फिर से भेजें। {how}',
    '{paper}: kripya phir se bhejein. {how}',
    { paper: 'text', how: 'text' },
  ),
  kyc_missing_waiting: line(
    '{paper}: received, our team is checking it',
    '{paper}: मिल गया, हमारी टीम जाँच रही है',
    '{paper}: mil gaya, hamari team check kar rahi hai',
    { paper: 'text' },
  ),
} as const satisfies Record<string, Copy>;

/** One instruction for each thing that can be wrong with a file. */
const RETAKES = {
  kyc_retake_empty: line(
    'The file is empty. Please choose it again.',
    'फ़ाइल खाली है। कृपया फिर से चुनें।',
    'File khaali hai. Kripya phir se chunein.',
  ),
  kyc_retake_too_large: line(
    'The file is larger than {most} MB. Please send a smaller scan or a photograph.',
    'फ़ाइल {most} MB से बड़ी है। कृपया छोटा स्कैन या फ़ोटो भेजें।',
    'File {most} MB se badi hai. Kripya chhota scan ya photo bhejein.',
    { most: 'text' },
  ),
  kyc_retake_wrong_type: line(
    'This kind of file cannot be taken. Please send a PDF, or a photograph as JPG or PNG.',
    'इस तरह की फ़ाइल नहीं ली जा सकती। कृपया PDF या JPG/PNG फ़ोटो भेजें।',
    'Is tarah ki file nahi li ja sakti. Kripya PDF ya JPG/PNG photo bhejein.',
  ),
  kyc_retake_archive: line(
    'This is an archive (ZIP), whatever its name says. Please send each paper by itself, as PDF or photograph.',
    'यह एक ZIP फ़ाइल है, नाम जो भी हो। कृपया हर दस्तावेज़ अलग से PDF या फ़ोटो में भेजें।',
    'Yeh ek ZIP file hai, naam jo bhi ho. Kripya har document alag se PDF ya photo mein bhejein.',
  ),
  kyc_retake_heic: line(
    'HEIC pictures cannot be checked here. Please send the picture as JPG: on an iPhone, Settings, Camera, Formats, Most Compatible, or take a screenshot of it.',
    'HEIC फ़ोटो यहाँ जाँची नहीं जा सकती। कृपया JPG में भेजें: iPhone में सेटिंग्स, कैमरा, फ़ॉर्मैट, "Most Compatible" चुनें, या फ़ोटो का स्क्रीनशॉट भेजें।',
    'HEIC photo yahan check nahi ho sakti. Kripya JPG mein bhejein: iPhone mein Settings, Camera, Formats, "Most Compatible", ya photo ka screenshot bhejein.',
  ),
  kyc_retake_pdf_locked: line(
    'The PDF opens only with a password. Please send it without one, or print it to a new PDF.',
    'PDF पासवर्ड से ही खुलती है। कृपया बिना पासवर्ड की PDF भेजें, या उसे नई PDF में प्रिंट करें।',
    'PDF password se hi khulti hai. Kripya bina password ki PDF bhejein, ya use nayi PDF mein print karein.',
  ),
  kyc_retake_pdf_broken: line(
    'The PDF cannot be opened. Please scan or save it again.',
    'PDF खुल नहीं रही। कृपया फिर से स्कैन या सेव करके भेजें।',
    'PDF khul nahi rahi. Kripya phir se scan ya save karke bhejein.',
  ),
  kyc_retake_pdf_empty: line(
    'The PDF has no pages. Please scan or save it again.',
    'PDF में कोई पेज नहीं है। कृपया फिर से स्कैन या सेव करके भेजें।',
    'PDF mein koi page nahi hai. Kripya phir se scan ya save karke bhejein.',
  ),
  kyc_retake_pdf_too_long: line(
    'The PDF has more than {most} pages. Please send only the pages of this paper.',
    'PDF में {most} से ज़्यादा पेज हैं। कृपया केवल इस दस्तावेज़ के पेज भेजें।',
    'PDF mein {most} se zyada pages hain. Kripya sirf is document ke pages bhejein.',
    { most: 'text' },
  ),
  kyc_retake_picture_broken: line(
    'The picture cannot be opened. Please take it again.',
    'फ़ोटो खुल नहीं रही। कृपया फिर से खींचें।',
    'Photo khul nahi rahi. Kripya phir se kheenchein.',
  ),
  kyc_retake_too_many_pixels: line(
    'The picture has more points than can be opened. Please take it with the camera of a phone.',
    'फ़ोटो बहुत ज़्यादा बड़ी है। कृपया फ़ोन के कैमरे से खींचें।',
    'Photo bahut zyada badi hai. Kripya phone ke camera se kheenchein.',
  ),
  kyc_retake_too_small: line(
    'The picture is too small to read. Please take it from closer, so that the paper fills the frame, and do not crop it down.',
    'फ़ोटो पढ़ने के लिए बहुत छोटी है। कृपया पास से खींचें ताकि दस्तावेज़ पूरी फ़ोटो में आए, और छोटा न काटें।',
    'Photo padhne ke liye bahut chhoti hai. Kripya paas se kheenchein taaki document poori photo mein aaye, aur chhota crop na karein.',
  ),
  kyc_retake_blank: line(
    'Nothing can be seen in the picture. Please take it again with the lens uncovered.',
    'फ़ोटो में कुछ दिखाई नहीं दे रहा। कृपया लेंस साफ़ रखकर फिर से खींचें।',
    'Photo mein kuch dikh nahi raha. Kripya lens saaf rakhkar phir se kheenchein.',
  ),
  kyc_retake_dark: line(
    'The picture is too dark. Please take it by daylight or under a lamp.',
    'फ़ोटो बहुत अँधेरी है। कृपया दिन की रोशनी या लैंप के नीचे खींचें।',
    'Photo bahut andheri hai. Kripya din ki roshni ya lamp ke neeche kheenchein.',
  ),
  kyc_retake_bright: line(
    'The picture is washed out, so that the writing is pale. Please take it without the flash.',
    'फ़ोटो बहुत उजली है और लिखावट फीकी है। कृपया बिना फ़्लैश के खींचें।',
    'Photo bahut ujli hai aur likhawat pheeki hai. Kripya bina flash ke kheenchein.',
  ),
  kyc_retake_glare: line(
    'A reflection covers part of the paper. Please tilt it a little, away from the light.',
    'दस्तावेज़ के एक हिस्से पर रोशनी की चमक है। कृपया उसे थोड़ा तिरछा करके खींचें।',
    'Document ke ek hisse par light ki chamak hai. Kripya use thoda tirchha karke kheenchein.',
  ),
  kyc_retake_blurred: line(
    'The picture is blurred. Please hold the phone still, tap on the paper to focus, and take it again.',
    'फ़ोटो धुंधली है। कृपया फ़ोन स्थिर रखें, फ़ोकस के लिए दस्तावेज़ पर टैप करें और फिर से खींचें।',
    'Photo dhundhli hai. Kripya phone sthir rakhein, focus ke liye document par tap karein aur phir se kheenchein.',
  ),
  kyc_retake_same_again: line(
    'This is the same file that could not be accepted before. Please take a new picture or scan.',
    'यह वही फ़ाइल है जो पहले स्वीकार नहीं हुई थी। कृपया नई फ़ोटो या स्कैन भेजें।',
    'Yeh wahi file hai jo pehle accept nahi hui thi. Kripya nayi photo ya scan bhejein.',
  ),
  kyc_retake_unclear: line(
    'Our team could not accept it. Please send a clear picture or scan of the whole paper.',
    'हमारी टीम इसे स्वीकार नहीं कर सकी। कृपया पूरे दस्तावेज़ की साफ़ फ़ोटो या स्कैन भेजें।',
    'Hamari team ise accept nahi kar saki. Kripya poore document ki saaf photo ya scan bhejein.',
  ),
  kyc_retake_wrong_paper: line(
    'This is another paper than the one that is needed. Please send the right one.',
    'यह वह दस्तावेज़ नहीं है जो चाहिए। कृपया सही दस्तावेज़ भेजें।',
    'Yeh woh document nahi hai jo chahiye. Kripya sahi document bhejein.',
  ),
  kyc_retake_incomplete: line(
    'Part of the paper is missing. Please send all sides and pages, with all four corners in view.',
    'दस्तावेज़ का कुछ हिस्सा नहीं दिख रहा। कृपया सभी तरफ़ और सभी पेज भेजें, चारों कोने दिखें।',
    'Document ka kuch hissa nahi dikh raha. Kripya sabhi side aur pages bhejein, chaaron kone dikhein.',
  ),
  kyc_retake_expired: line(
    'This paper has expired. Please send a valid one.',
    'इस दस्तावेज़ की अवधि समाप्त हो गई है। कृपया मान्य दस्तावेज़ भेजें।',
    'Is document ki validity khatam ho gayi hai. Kripya valid document bhejein.',
  ),
  kyc_retake_name_differs: line(
    'The name on it differs from the name on the booking. Please send one in the same name, or tell us why it differs.',
    'इस पर लिखा नाम बुकिंग के नाम से अलग है। कृपया उसी नाम का दस्तावेज़ भेजें, या अंतर का कारण बताएँ।',
    'Is par likha naam booking ke naam se alag hai. Kripya usi naam ka document bhejein, ya antar ka kaaran batayein.',
  ),
  kyc_no_such_booking: line(
    'This page is not for this booking. Please open the link that we sent you, or ask us for a new one.',
    'यह पेज इस बुकिंग का नहीं है। कृपया हमारा भेजा हुआ लिंक खोलें, या नया लिंक माँगें।',
    'Yeh page is booking ka nahi hai. Kripya hamara bheja hua link kholein, ya naya link maangein.',
  ),
  kyc_not_on_list: line(
    'This paper is not needed for your booking. Please choose one from the list.',
    'आपकी बुकिंग के लिए यह दस्तावेज़ ज़रूरी नहीं है। कृपया सूची में से चुनें।',
    'Aapki booking ke liye yeh document zaroori nahi hai. Kripya list mein se chunein.',
  ),
  kyc_already_received: line(
    'This file has already been received. There is no need to send it again.',
    'यह फ़ाइल पहले ही मिल चुकी है। दोबारा भेजने की ज़रूरत नहीं है।',
    'Yeh file pehle hi mil chuki hai. Dobara bhejne ki zaroorat nahi hai.',
  ),
} as const satisfies Record<string, Copy>;

/** What is wrong with a number that was typed. */
const NUMBERS = {
  kyc_pan_form: line(
    'A PAN has five letters, four digits and a letter. Please compare it with the card.',
    'पैन में पाँच अक्षर, चार अंक और एक अक्षर होता है। कृपया कार्ड से मिलाएँ।',
    'PAN mein paanch letters, chaar digits aur ek letter hota hai. Kripya card se milayein.',
  ),
  kyc_pan_holder: line(
    'The fourth letter of this PAN belongs to another kind of holder. Please give the PAN of the buyer named in the booking.',
    'इस पैन का चौथा अक्षर किसी दूसरे प्रकार के धारक का है। कृपया बुकिंग में लिखे खरीदार का पैन दें।',
    'Is PAN ka chautha letter kisi doosre prakaar ke holder ka hai. Kripya booking mein likhe buyer ka PAN dein.',
  ),
  kyc_aadhaar_form: line(
    'An Aadhaar number has twelve digits and does not begin with 0 or 1. Please compare it with the card.',
    'आधार नंबर में बारह अंक होते हैं और वह 0 या 1 से शुरू नहीं होता। कृपया कार्ड से मिलाएँ।',
    'Aadhaar number mein baarah digits hote hain aur woh 0 ya 1 se shuru nahi hota. Kripya card se milayein.',
  ),
  kyc_aadhaar_check: line(
    'One of the digits of this Aadhaar number is wrong, or two are swapped. Please compare it with the card.',
    'इस आधार नंबर का कोई अंक गलत है या दो अंक आपस में बदल गए हैं। कृपया कार्ड से मिलाएँ।',
    'Is Aadhaar number ka koi digit galat hai ya do digits aapas mein badal gaye hain. Kripya card se milayein.',
  ),
  kyc_gstin_form: line(
    'A GST number has fifteen characters: two digits, the PAN, and three more. Please compare it with the certificate.',
    'GST नंबर में पंद्रह अक्षर होते हैं: दो अंक, पैन और तीन और। कृपया प्रमाणपत्र से मिलाएँ।',
    'GST number mein pandrah characters hote hain: do digits, PAN aur teen aur. Kripya certificate se milayein.',
  ),
  kyc_gstin_check: line(
    'One of the characters of this GST number is wrong. Please compare it with the certificate.',
    'इस GST नंबर का कोई अक्षर गलत है। कृपया प्रमाणपत्र से मिलाएँ।',
    'Is GST number ka koi character galat hai. Kripya certificate se milayein.',
  ),
  kyc_gstin_pan: line(
    'This GST number belongs to another PAN than the one you gave. Please check both.',
    'यह GST नंबर आपके दिए पैन का नहीं है। कृपया दोनों जाँचें।',
    'Yeh GST number aapke diye PAN ka nahi hai. Kripya dono check karein.',
  ),
  kyc_ifsc_form: line(
    'The code of a bank branch has eleven characters, and the fifth is a zero. It stands on your cheque book.',
    'बैंक शाखा के कोड में ग्यारह अक्षर होते हैं और पाँचवाँ शून्य होता है। यह आपकी चेक बुक पर लिखा है।',
    'Bank branch ke code mein gyarah characters hote hain aur paanchva zero hota hai. Yeh aapki cheque book par likha hai.',
  ),
  kyc_pin_form: line(
    'A PIN code has six digits and does not begin with 0.',
    'पिन कोड में छह अंक होते हैं और वह 0 से शुरू नहीं होता।',
    'PIN code mein chhe digits hote hain aur woh 0 se shuru nahi hota.',
  ),
  kyc_mrz_form: line(
    'Please copy the two lines at the foot of the passport page, 44 characters each.',
    'कृपया पासपोर्ट के पेज के नीचे की दो पंक्तियाँ लिखें, हर एक में 44 अक्षर।',
    'Kripya passport ke page ke neeche ki do lines likhein, har ek mein 44 characters.',
  ),
  kyc_mrz_check: line(
    'One of the characters of the two passport lines is wrong. Please compare them with the passport.',
    'पासपोर्ट की दो पंक्तियों का कोई अक्षर गलत है। कृपया पासपोर्ट से मिलाएँ।',
    'Passport ki do lines ka koi character galat hai. Kripya passport se milayein.',
  ),
  kyc_mrz_expired: line(
    'This passport has expired. Please give the details of a valid one.',
    'इस पासपोर्ट की अवधि समाप्त हो गई है। कृपया मान्य पासपोर्ट की जानकारी दें।',
    'Is passport ki validity khatam ho gayi hai. Kripya valid passport ki jaankari dein.',
  ),
} as const satisfies Record<string, Copy>;

/** What is said in the chat while papers are gathered; `papers` names what is needed and why, `link` the page. */
const GATHERING = {
  kyc_needed: line(
    'For the agreement of unit {unit} at *{project}* we need these papers: {papers}\nPlease upload them on your secure page: {link}\nA clear photo from your phone is enough. Please do not send papers or their numbers in this chat.',
    '*{project}* की यूनिट {unit} के समझौते के लिए ये दस्तावेज़ चाहिए: {papers}\nकृपया इन्हें अपने सुरक्षित पेज पर अपलोड करें: {link}\nफ़ोन से ली गई साफ़ फ़ोटो काफ़ी है। कृपया दस्तावेज़ या उनके नंबर इस चैट में न भेजें।',
    '*{project}* ki unit {unit} ke agreement ke liye yeh documents chahiye: {papers}\nKripya inhe apne secure page par upload karein: {link}\nPhone se li gayi saaf photo kaafi hai. Documents ya unke number is chat mein na bhejein.',
    { unit: 'text', project: 'text', papers: 'papers', link: 'text' },
  ),
  kyc_reminder: line(
    'A reminder for unit {unit}. These papers are still missing: {papers}\nYour secure page: {link}\nIf something keeps you from sending them, please write to us here.',
    'यूनिट {unit} के लिए याद दिला रहे हैं। ये दस्तावेज़ अभी बाकी हैं: {papers}\nआपका सुरक्षित पेज: {link}\nकोई दिक्कत हो तो कृपया हमें यहीं लिखें।',
    'Unit {unit} ke liye reminder. Yeh documents abhi baaki hain: {papers}\nAapka secure page: {link}\nKoi dikkat ho to kripya humein yahin likhein.',
    { unit: 'text', papers: 'papers', link: 'text' },
  ),
  kyc_still_needed: line(
    'For unit {unit} we still need: {papers}\nPlease upload on your secure page, not in this chat: {link}\nNothing else is needed from you for now.',
    'यूनिट {unit} के लिए अभी ये बाकी हैं: {papers}\nकृपया इस चैट में नहीं, अपने सुरक्षित पेज पर अपलोड करें: {link}\nफ़िलहाल आपसे और कुछ नहीं चाहिए।',
    'Unit {unit} ke liye abhi yeh baaki hain: {papers}\nKripya is chat mein nahi, apne secure page par upload karein: {link}\nFilhaal aapse aur kuch nahi chahiye.',
    { unit: 'text', papers: 'papers', link: 'text' },
  ),
  kyc_retake: line(
    'Our team has looked at a paper for unit {unit}. {papers}\nPlease upload it on your secure page: {link}\nWhat was accepted stays accepted.',
    'हमारी टीम ने यूनिट {unit} का एक दस्तावेज़ देखा। {papers}\nकृपया इसे अपने सुरक्षित पेज पर अपलोड करें: {link}\nजो स्वीकार हो चुका है, वह वैसा ही रहेगा।',
    'Hamari team ne unit {unit} ka ek document dekha. {papers}\nKripya ise apne secure page par upload karein: {link}\nJo accept ho chuka hai, woh waisa hi rahega.',
    { unit: 'text', papers: 'papers', link: 'text' },
  ),
  kyc_all_with_us: line(
    'Every paper for unit {unit} has reached us. Our {team} team is checking them and will write to you by {by}.',
    'यूनिट {unit} के सभी दस्तावेज़ हमें मिल गए हैं। हमारी {team} टीम जाँच रही है और {by} तक आपको लिखेगी।',
    'Unit {unit} ke sabhi documents humein mil gaye hain. Hamari {team} team check kar rahi hai aur {by} tak aapko likhegi.',
    { unit: 'text', team: 'team', by: 'dateTime' },
  ),
  kyc_own_not_missing: line(
    'For unit {unit} no paper of your own is missing. Papers of the booking we ask {first} for, the first applicant. Your secure page: {link}',
    'यूनिट {unit} के लिए आपका अपना कोई दस्तावेज़ बाकी नहीं है। बुकिंग के दस्तावेज़ हम पहले आवेदक {first} से माँगते हैं। आपका सुरक्षित पेज: {link}',
    'Unit {unit} ke liye aapka apna koi document baaki nahi hai. Booking ke documents hum pehle applicant {first} se maangte hain. Aapka secure page: {link}',
    { unit: 'text', first: 'buyerName', link: 'text' },
  ),
  kyc_complete: line(
    'All papers for unit {unit} have been checked and accepted. They are now with our {team} team for the agreement. You need not send anything more.',
    'यूनिट {unit} के सभी दस्तावेज़ जाँच लिए गए और स्वीकार हो गए हैं। अब वे समझौते के लिए हमारी {team} टीम के पास हैं। आपको और कुछ भेजने की ज़रूरत नहीं है।',
    'Unit {unit} ke sabhi documents check aur accept ho gaye hain. Ab woh agreement ke liye hamari {team} team ke paas hain. Aapko aur kuch bhejne ki zaroorat nahi hai.',
    { unit: 'text', team: 'team' },
  ),
  kyc_chat_taken: line(
    'You have sent us a paper here. It is now in our secure folder, and our team will look at it. Next time, please use your secure page: {link}\nPapers are safer there than in a chat.',
    'आपने हमें यहाँ एक दस्तावेज़ भेजा है। अब वह हमारे सुरक्षित फ़ोल्डर में है और हमारी टीम उसे देखेगी। अगली बार कृपया अपना सुरक्षित पेज इस्तेमाल करें: {link}\nदस्तावेज़ चैट से ज़्यादा वहाँ सुरक्षित हैं।',
    'Aapne humein yahan ek document bheja hai. Ab woh hamare secure folder mein hai aur hamari team use dekhegi. Agli baar kripya apna secure page use karein: {link}\nDocuments chat se zyada wahan safe hain.',
    { link: 'text' },
  ),
  kyc_chat_retake: line(
    'You have sent us a paper here. {papers}\nPlease upload it on your secure page, not in this chat: {link}\nPapers are safer there.',
    'आपने हमें यहाँ एक दस्तावेज़ भेजा है। {papers}\nकृपया इसे इस चैट में नहीं, अपने सुरक्षित पेज पर अपलोड करें: {link}\nदस्तावेज़ वहाँ ज़्यादा सुरक्षित हैं।',
    'Aapne humein yahan ek document bheja hai. {papers}\nKripya ise is chat mein nahi, apne secure page par upload karein: {link}\nDocuments wahan zyada safe hain.',
    { papers: 'papers', link: 'text' },
  ),
  kyc_numbers_on_page: line(
    'Please do not write PAN, Aadhaar or GST numbers in this chat; we keep none of them here. They belong on your secure page: {link}\nOnly our team can see them there.',
    'कृपया पैन, आधार या GST नंबर इस चैट में न लिखें; हम उन्हें यहाँ नहीं रखते। उनकी जगह आपका सुरक्षित पेज है: {link}\nवहाँ उन्हें केवल हमारी टीम देख सकती है।',
    'Kripya PAN, Aadhaar ya GST number is chat mein na likhein; hum unhe yahan nahi rakhte. Unki jagah aapka secure page hai: {link}\nWahan unhe sirf hamari team dekh sakti hai.',
    { link: 'text' },
  ),
} as const satisfies Record<string, Copy>;

export const KYC_COPY = { ...PAPERS, ...REASONS, ...STATES, ...RETAKES, ...NUMBERS, ...GATHERING };

/** What the limits in retake instructions are; they are the checks' own. */
export const RETAKE_LIMITS: Record<string, Record<string, string>> = {
  kyc_retake_too_large: { most: '15' },
  kyc_retake_pdf_too_long: { most: '60' },
};

function line(en: string, hi: string, hinglish: string, variables: Copy['variables'] = {}): Copy {
  return { category: 'utility', variables, en, hi, hinglish };
}
