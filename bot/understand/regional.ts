/**
 * The trade's concepts in Marathi, Gujarati, Bengali, Punjabi, Tamil, Telugu, Kannada and Malayalam, in their own letters and
 * as people type them in Latin ones. The same notation as the lexicon of `concepts.ts`, which these words join.
 */
export const REGIONAL_WORDS: Readonly<Record<string, string>> = {
  pay: 'paise पैसे रक्कम bharna હપ્તો hapto હપ્તા પૈસા ચુકવણી টাকা taka কিস্তি kisti ਪੈਸੇ ਕਿਸ਼ਤ kishat பணம் panam தவணை thavanai பேமென்ட் డబ్బు dabbu dabbulu వాయిదా పేమెంట్ ಹಣ hana ಕಂತು kantu ಪೇಮೆಂಟ್ പണം',
  paid: 'bharle bharla bharli भरले भरला भरली pathavle पाठवले ભર્યા ભરી bharya bhari_didha જમા પાઠવ્યા পাঠিয়েছি pathiyechi দিয়েছি diyechi জমা ਭਰ_ਦਿੱਤੇ bhar_ditte ਭੇਜ_ਦਿੱਤੇ கட்டிட்டேன் kattiten kattitten kattiyachu அனுப்பிட்டேன் செலுத்தி* kattinen చెల్లించ* chellincha* kattanu కట్టాను పంపాను ಪಾವತಿ* ಕಟ್ಟಿದ್ದೇನೆ kattidini ಕಳಿಸಿದ್ದೇನೆ അടച്ചു adachu',
  price:
    'kimmat किंमत दर दाम ભાવ કિંમત kimat દામ দাম dam মূল্য ਕੀਮਤ ਰੇਟ ਭਾਅ விலை vilai விலையை ரேட் ధర dhara ధరలు రేటు ಬೆಲೆ bele ದರ വില vila',
  quantity:
    'kiti किती kitila कितीला ketla ketlu ketlo કેટલા કેટલું કેટલો koto কত ਕਿੰਨਾ ਕਿੰਨੇ ਕਿੰਨੀ kinna kinne kinni எவ்வளவு evlo evvalavu ethana எத்தனை ఎంత entha enta ఎన్ని ಎಷ್ಟು eshtu estu എത്ര ethra',
  brochure: 'माहितीपत्रक બ્રોશર ব্রোশিওর ব্রোশার ਬਰੋਸ਼ਰ ப்ரோஷர் பிரோஷர் బ్రోచర్ బ్రోషర్ ಬ್ರೋಷರ್ ಬ್ರೋಚರ್ ബ്രോഷർ நகல்_வரைபடம்',
  send: 'pathva पाठवा pathav पाठव pathvun dya द्या મોકલો moklo mokalo મોકલી આપો aapo પાઠવો পাঠান pathan pathao পাঠাও ਭੇਜੋ ਭੇਜ bhejo_ji anuppunga அனுப்புங்க அனுப்பு* anupu* pampandi పంపండి పంపించ* pampinchandi pampu kalisi ಕಳಿಸಿ ಕಳುಹಿಸಿ kaluhisi ayakku അയക്കൂ',
  photo: 'फोटो ફોટા ફોટો ছবি chobi ਫੋਟੋ ਤਸਵੀਰ புகைப்படம் போட்டோ ఫోటో* ಫೋಟೋ* ഫോട്ടോ',
  location:
    'kuthe कुठे patta पत्ता ठिकाण kyan ક્યાં kya_che સરનામું sarnamu લોકેશન kothay কোথায় ঠিকানা thikana ਕਿੱਥੇ kithe kitthe ਪਤਾ ਲੋਕੇਸ਼ਨ எங்க எங்கே enga engae முகவரி லொகேஷன் ekkada ఎక్కడ చిరునామా అడ్రస్ లొకేషన్ elli ಎಲ್ಲಿ ವಿಳಾಸ ಲೊಕೇಶನ್ evide എവിടെ',
  where: 'kuthe कुठे ક્યાં kyan কোথায় kothay ਕਿੱਥੇ kithe kitthe எங்க எங்கே enga ekkada ఎక్కడ elli ಎಲ್ಲಿ evide എവിടെ',
  visit:
    'baghayla बघायला pahayla पाहायला baghaychi baghaycha jova જોવા જોવું dekhte দেখতে ਦੇਖਣ ਵੇਖਣ dekhan vekhan paakka பார்க்க பாக்க paarkanum pakkanum சைட் chudali chudataniki చూడాలి చూడటానికి చూడ* సైట్ nodbeku nodoke ನೋಡಬೇಕು ನೋಡೋಕೆ ನೋಡಲು ಸೈಟ್ kaanaan കാണാൻ',
  coming:
    'yeu येऊ yeto येतो yete येते yenar येणार येईन yein avish આવીશ આવું aavu આવીએ આવવું asbo আসব আসবো aschi আসতে ਆਵਾਂਗੇ ਆਉਣਾ aavange avanga varen வரேன் வருவேன் varuvom வரலாமா varalama வர vasthanu vastha వస్తాను వస్తాం రావ* raavali barteeni bartini ಬರ್ತೀನಿ ಬರುತ್ತೇನೆ ಬರಬಹುದಾ varam വരാം',
  reschedule:
    'नंतर nantar पुढे_ढकल* badla बदला dusrya_divshi bija_divse બીજા_દિવસે બદલો pore পরে অন্যদিন bodle বদলে ਬਦਲ ਬਾਅਦ maathi மாத்தி மாற்ற* வேற_நாள் vera_naal thalli_vai marchandi మార్చండి మార్చ* vere_roju వేరే_రోజు badalisi ಬದಲಾಯಿಸಿ ಬೇರೆ_ದಿನ bere_dina maattam മാറ്റ*',
  cancel: 'रद्द radd raddh રદ rad বাতিল batil ਰੱਦ ரத்து rathu కాన్సిల్ రద్దు raddu ರದ್ದು ക്യാൻസൽ റദ്ദ്',
  notwant:
    'nako नको nakoy nahi_pahije नाही_पाहिजे nathi_joitu નથી_જોઈતું રસ_નથી ras_nathi lagbe_na লাগবে_না চাই_না chai_na আগ্রহ_নেই ਨਹੀਂ_ਚਾਹੀਦਾ nahi_chahida vendam வேண்டாம் venam ishtam_illa ஆர்வம்_இல்லை vaddu వద్దు akkarledu అక్కర్లేదు ఆసక్తి_లేదు beda ಬೇಡ ಆಸಕ್ತಿ_ಇಲ್ಲ venda വേണ്ട',
  configuration:
    'ફ્લેટ ફ્લૅટ বেডরুম ফ্ল্যাট ਫਲੈਟ வீடு veedu ஃபிளாட் பிளாட் ఇల్లు ఫ్లాట్ illu ಮನೆ mane ಫ್ಲಾಟ್ വീട് ഫ്ലാറ്റ് sadanika सदनिका',
  project:
    'प्रकल्प prakalp સુવિધા પ્રોજેક્ટ প্রকল্প প্রজেক্ট ਪ੍ਰੋਜੈਕਟ வசதி* vasathi திட்டம் ప్రాజెక్ట్ సౌకర్యాలు ಯೋಜನೆ ಪ್ರಾಜೆಕ್ಟ್ ಸೌಲಭ್ಯ* പദ്ധതി',
  human:
    'bolaycha बोलायचं बोलायचे bolaychay vaat_karvi વાત_કરવી phone_karo ફોન_કરો kotha_bolte কথা_বলতে phone_korun ফোন_করুন ਗੱਲ_ਕਰ* gal_karni pesanum பேசணும் பேச* call_pannunga கால்_பண்ணுங்க matladali మాట్లాడాలి మాట్లాడ* call_cheyandi కాల్_చేయండి maatadbeku ಮಾತಾಡಬೇಕು ಮಾತನಾಡ* call_madi ಕಾಲ್_ಮಾಡಿ samsarikkanam സംസാരിക്ക* manus माणूस vilikkamo',
  stop: 'pathvu_nako पाठवू_नका thambva थांबवा band_kara बंद_करा bandh_karo બંધ_કરો moklo_nahi મોકલશો_નહીં mokalsho pathaben_na পাঠাবেন_না bondho বন্ধ ਬੰਦ_ਕਰੋ ਨਾ_ਭੇਜੋ anuppadhinga அனுப்பாதீங்க அனுப்ப_வேண்டாம் nirutthunga நிறுத்து* pampakandi పంపకండి పంపవద్దు aapandi ఆపండి kalisbedi ಕಳಿಸಬೇಡಿ ಕಳುಹಿಸಬೇಡಿ nillisi ನಿಲ್ಲಿಸಿ ayakkaruthu അയക്കരുത് nirthu നിർത്തൂ',
  data: 'माहिती_काढून mahiti_kadhun माझी_माहिती કાઢી_નાખો ડેટા মুছে muche তথ্য ਮਿਟਾ ਡਾਟਾ நீக்கு* neekku* தகவல் తొలగించ* tolaginchandi డేటా ಅಳಿಸಿ alisi ಡೇಟಾ മായ്ക്ക*',
  wrong:
    'chukicha_number चुकीचा चुकीच्या khoto_number ખોટો_નંબર bhul_number ভুল_নম্বর ਗਲਤ_ਨੰਬਰ ਗ਼ਲਤ தவறான thappana_number ராங் తప్పు_నంబర్ రాంగ్ thappu_number ತಪ್ಪು_ನಂಬರ್ thappu തെറ്റായ',
  complaint:
    'takrar तक्रार tras त्रास ફરિયાદ fariyad ખરાબ অভিযোগ obhijog বাজে baje ਸ਼ਿਕਾਇਤ ਮਾੜੀ புகார் pugaar மோசம் mosam ఫిర్యాదు phiryadu దారుణం ದೂರು dooru ಕೆಟ್ಟ പരാതി parathi',
  progress:
    'taba ताबा bandhkam बांधकाम kadhi_milnar કબજો kabjo બાંધકામ ક્યારે_મળશે দখল dokhol নির্মাণ ਕਬਜ਼ਾ ਉਸਾਰੀ கட்டுமானம் சாவி saavi eppo_kidaikkum mudiyum முடியும் நிலை స్వాధీనం నిర్మాణం తాళాలు pani_ekkada పని పూర్త* ಸ್ವಾಧೀನ ನಿರ್ಮಾಣ ಕೆಲಸ kelasa മുഴുവന* താക്കോൽ',
  when: 'kadhi कधी kevha केव्हा kyare ક્યારે kobe কবে kokhon কখন ਕਦੋਂ kado kadon eppo eppa எப்போ எப்போது eppodhu eppudu ఎప్పుడు yavaga ಯಾವಾಗ eppol എപ്പോൾ',
  moretime:
    'mudat मुदत mudatvadh थोडा_वेळ vel_dya वेळ_द्या સમય_આપો samay_aapo મુદત somoy সময়_দিন somoy_din ਸਮਾਂ ਮੋਹਲਤ time_kodunga அவகாசம் avagasam gaduvu గడువు time_ivvandi సమయం ಸಮಯ_ಕೊಡಿ samaya_kodi ಕಾಲಾವಕಾಶ സമയം_തര* samayam',
  later:
    'bharto भरतो bharen भरेन bharnar भरणार deto देतो dein देईन bhari_daish ભરી_દઈશ આપીશ aapish debo দেব দেবো diye_debo ਦੇ_ਦਿਆਂਗਾ ਭਰ_ਦੇਵਾਂਗਾ katturen கட்டுறேன் கட்டிடுறேன் கட்டுவேன் tharen தரேன் kadathanu కడతాను కట్టేస్తాను istanu ఇస్తాను kodtini ಕೊಡ್ತೀನಿ ಕಟ್ತೀನಿ ಪಾವತಿಸುತ್ತೇನೆ tharam തരാം അടയ്ക്കാം',
  how: 'kasa कसा kashi कशी kase कसे kevi_rite કેવી_રીતે kem કેમ kibhabe কিভাবে কীভাবে ਕਿਵੇਂ kiven kidan eppadi epdi எப்படி ela ఎలా hege ಹೇಗೆ hegey engane എങ്ങനെ',
  why: 'ka_bare का_बरं kashala कशाला shu_kam શું_કામ keno কেন ਕਿਉਂ kyon_ji yen ஏன் enthuku enduku ఎందుకు yake ಯಾಕೆ ಏಕೆ enthinu എന്തിന് എന്തുകൊണ്ട്',
  dispute:
    'chuk चूक chukicha हिशोब hishob ભૂલ bhul હિસાબ hisab ভুল হিসাব ਗਲਤ ਹਿਸਾਬ thappu தப்பு தவறு கணக்கு kanakku తప్పు లెక్క lekka ತಪ್ಪು ಲೆಕ್ಕ തെറ്റ് കണക്ക്',
  interest:
    'vyaj व्याज dand दंड વ્યાજ દંડ সুদ sud জরিমানা ਵਿਆਜ ਜੁਰਮਾਨਾ வட்டி vatti அபராதம் వడ్డీ vaddi జరిమానా ಬಡ್ಡಿ baddi ದಂಡ പലിശ palisha',
  waive: 'maf_kara माफ માફ મુકી মাফ মকুব ਮਾਫ਼ ਮਾਫ தள்ளுபடி_செய்* மன்னி* తీసేయండి మాఫీ mafi ಮನ್ನಾ manna ಮಾಫಿ ഒഴിവാക്ക*',
  receipt: 'pavti पावती પાવતી রসিদ roshid ਰਸੀਦ ரசீது raseedhu రసీదు rasidu ರಶೀದಿ rasidi രസീത് raseethu',
  tax: 'कर_भर* ટેક્સ કર ট্যাক্স ਟੈਕਸ வரி ஜிஎஸ்டி పన్ను జీఎస్టీ ತೆರಿಗೆ ಜಿಎಸ್ಟಿ നികുതി',
  refund:
    'parat परत paratava પાછા pacha પૈસા_પાછા ફરત ফেরত ferot ਵਾਪਸ திருப்பி thiruppi ரீஃபண்ட் వెనక్కి venakki రీఫండ్ తిరిగి ವಾಪಸ್ vapas ಮರುಪಾವತಿ തിരികെ thirike',
  fraud:
    'fasavnuk फसवणूक khara_ahe_ka છેતરપિંડી fraud_che જાલી জাল প্রতারণা ਠੱਗੀ ਨਕਲੀ மோசடி mosadi போலி poli మోసం mosam_ma నకిలీ ಮೋಸ mosa ನಕಲಿ തട്ടിപ്പ് thattippu',
  kyc: 'आधार कागदपत्र kagadpatra kagadpatre આધાર પાન_કાર્ડ દસ્તાવેજ আধার প্যান কাগজপত্র ਆਧਾਰ ਪੈਨ ਕਾਗਜ਼* ஆதார் aadhar ஆவண* ఆధార్ పాన్ పత్రాలు ಆಧಾರ್ ಪ್ಯಾನ್ ದಾಖಲೆ* ആധാർ രേഖകൾ',
  submitted:
    'pathavle पाठवले pathavla दिले_आहे મોકલ્યા moklya મોકલી_દીધ* পাঠিয়েছি ਭੇਜ_ਦਿੱਤ* அனுப்பிட்டேன் அனுப்பியிருக்* anuppiten పంపాను pampanu పంపించాను ಕಳಿಸಿದ್ದೀನಿ kalsidini ಕಳುಹಿಸಿದ್ದೇನೆ അയച്ചു ayachu',
  which:
    'konte कोणते konti कोणती kaay_lagte કયા kaya_kaya કયું কোন_কোন ki_ki_lagbe কী_কী ਕਿਹੜੇ kehre enna_venum என்ன_வேணும் எந்த yemi_kavali ఏమి_కావాలి ఏ_ఏ yav_yav ಯಾವ_ಯಾವ ಏನು_ಬೇಕು ethokke',
  loan: 'कर्ज karja લોન લૉન ঋণ লোন rin ਕਰਜ਼ਾ ਲੋਨ கடன் kadan லோன் வங்கி లోన్ రుణం బ్యాంకు ಸಾಲ saala ಲೋನ್ ಬ್ಯಾಂಕ್ വായ്പ ലോൺ',
  change:
    'नाव nav_badal दुरुस्त durusta નામ સુધારો sudharo નામમાં নাম নাম_বদল* সংশোধন ਨਾਮ ਨਾਂ ਠੀਕ_ਕਰ* பெயர் peyar திருத்த* thiruthanum పేరు peru సరిచేయ* ಹೆಸರು hesaru ಸರಿಪಡಿಸಿ പേര് peru_maatt* തിരുത്ത*',
  paper:
    'करारनामा kararnama प्रत કરારનામું કોપી નકલ কপি চুক্তিপত্র ਕਾਪੀ ਨਕਲ நகல் nagal ஒப்பந்த* కాపీ ఒప్పంద* ಪ್ರತಿ ಒಪ್ಪಂದ പകർപ്പ് കോപ്പി',
  registration:
    'नोंदणी nondani मुद्रांक દસ્તાવેજ_નોંધણી નોંધણી રજિસ્ટ્રેશન রেজিস্ট্রি রেজিস্ট্রেশন ਰਜਿਸਟਰੀ பதிவு pathivu முத்திரை ரிஜிஸ்ட்ரேஷன் రిజిస్ట్రేషన్ స్టాంప్ ನೋಂದಣಿ nondani ರಿಜಿಸ್ಟ್ರೇಷನ್ രജിസ്ട്രേഷൻ',
  legal:
    'वकील vakil कायदा kayda कलम વકીલ કાયદો উকিল আইন ਵਕੀਲ ਕਾਨੂੰਨ வழக்கறிஞர் சட்ட* sattam లాయర్ చట్ట* ವಕೀಲ* ಕಾನೂನು വക്കീൽ നിയമ*',
  threat:
    'न्यायालय nyayalay kortat कोर्टात રેરામાં કોર્ટ કેસ_કર* আদালত মামলা mamla ਅਦਾਲਤ ਕੇਸ_ਕਰ* நீதிமன்ற* வழக்கு கோர்ட் ரேரா కోర్టు కేసు రెరా ನ್ಯಾಯಾಲಯ ಕೋರ್ಟ್ ರೇರಾ കോടതി കേസ്',
  misled:
    'fasavla फसवला फसवले सांगितलं_होतं sangitla_hota કહ્યું_હતું kahyu_hatu વચન છેતર્યા বলেছিলেন bolechilen প্রতিশ্রুতি ঠকিয়েছে ਕਿਹਾ_ਸੀ keha_si ਧੋਖਾ ஏமாற்ற* ematti* சொன்னீங்க sonninga mosam_chesaru మోసం_చేశారు చెప్పారు cheppinaru ಹೇಳಿದ್ರಿ helidri ಮೋಸ_ಮಾಡಿ* പറ്റിച്ചു',
  death:
    'varle वारले वारली nidhan निधन મૃત્યુ ગુજરી_ગયા gujri_gaya અવસાન মারা_গেছেন mara_geche মৃত্যু ਗੁਜ਼ਰ_ਗਏ ਮੌਤ ਪੂਰੇ_ਹੋ_ਗਏ இறந்து* irandhu* காலமா* kalamanar* chanipoyaru చనిపోయ* మరణ* teerikondru ತೀರಿಕೊಂಡ* ನಿಧನ* marichu മരിച്ചു maranam',
  family:
    'vadil वडील aai आई navra नवरा bayko बायको પિતા પપ્પા મમ્મી પતિ પત્ની বাবা মা স্বামী স্ত্রী ਪਿਤਾ ਮਾਤਾ ਪਤੀ அப்பா அம்மா appa amma கணவர் மனைவி నాన్న nanna అమ్మ భర్త భార్య ತಂದೆ ತಾಯಿ ಅಪ್ಪ ಗಂಡ അച്ഛൻ അമ്മ ഭർത്താവ്',
  defect:
    'galti गळती gala ओल tada तडा tutla तुटला ગળતર લીકેજ તિરાડ તૂટ* ફાટ ফাটল লিক ভাঙা চুঁইয়ে ਲੀਕ ਤਰੇੜ ਟੁੱਟ* ஒழுகுது ozhuguthu கசிவு விரிசல் உடைஞ்* లీక్* పగుళ్* కారుతోంది karutondi ಸೋರುತ್ತಿದೆ soruttide ಬಿರುಕು ಲೀಕ್* ചോർച്ച choraunnu വിള്ളൽ',
  inspect: 'tapasni तपासणी tapasaycha તપાસ ચેક_કરવા পরিদর্শন ਜਾਂਚ ஆய்வு சோதனை తనిఖీ* tanikhi ಪರಿಶೀಲ* പരിശോധന',
  greet:
    'namaskar_mandali kem_cho કેમ_છો નમસ્તે નમસ્કાર nomoshkar নমস্কার ਸਤ_ਸ੍ਰੀ_ਅਕਾਲ வணக்கம் vanakam నమస్కారం namaskaram నమస్తే ನಮಸ್ಕಾರ namaskara നമസ്കാരം',
  thank:
    'dhanyavad aabhari आभारी આભાર abhar ধন্যবাদ dhonnobad ਧੰਨਵਾਦ ਮਿਹਰਬਾਨੀ நன்றி nandri nanri ధన్యవాదాలు thanks_andi ಧನ್ಯವಾದ* dhanyavada നന്ദി nanni',
  yes: 'ho हो hoy होय chalel चालेल હા haa ચાલશે હાજી হ্যাঁ hyan thik_ache ঠিক_আছে ਹਾਂ ਠੀਕ_ਹੈ aamam ama ஆமா ஆமாம் சரி avunu అవును సరే sare howdu haudu ಹೌದು ಸರಿ athe അതെ ശരി',
  no: 'naahi नाही nako नको ના નથી nathi নেই না ਨਹੀਂ illai illa இல்லை இல்ல vendam வேண்டாம் ledu kaadu లేదు కాదు illa_ri ಇಲ್ಲ beda ಬೇಡ ഇല്ല',
  time: 'udya उद्या parva परवा aaj_sandhyakali संध्याकाळी sakali सकाळी aavtikal આવતીકાલે kale કાલે સવારે સાંજે kalke কাল আগামীকাল সকালে বিকেলে ਕੱਲ੍ਹ ਕੱਲ ਸਵੇਰੇ ਸ਼ਾਮ naalaikku nalaiku நாளை நாளைக்கு காலையில சாயங்காலம் repu రేపు ఉదయం సాయంత్రం nale ನಾಳೆ ಬೆಳಗ್ಗೆ ಸಂಜೆ naale നാളെ',
  ask: 'sanga सांगा kay काय kaay કહો kaho_ne શું shu janan জানান bolun বলুন ki কি কী ਦੱਸੋ dasso ki_hai ਕੀ sollunga சொல்லுங்க என்ன enna cheppandi చెప్పండి ఏమి emi enti heli ಹೇಳಿ ಏನು enu parayoo പറയൂ എന്ത്',
  want: 'pahije पाहिजे हवं havay हवे joiye જોઈએ જોઇએ chai চাই lagbe লাগবে ਚਾਹੀਦਾ ਚਾਹੀਦੀ chahida venum வேணும் வேண்டும் kavali కావాలి beku ಬೇಕು venam വേണം',
  self: 'majha माझा mazha majhi माझी माझे maza mazi maru મારું મારો મારી maro amar আমার amader ਮੇਰਾ ਮੇਰੀ ਸਾਡਾ saada enoda என்னோட எனது enga_veedu naa నా మా nanna_flat ನನ್ನ ನಮ್ಮ namma ente എന്റെ',
  start: 'suru_kara सुरू ચાલુ_કરો শুরু_করুন ਸ਼ੁਰੂ_ਕਰੋ ஆரம்பி* thodangunga మళ్ళీ_పంప* ప్రారంభించ* ಶುರು_ಮಾಡಿ ತಿರುಗಿ_ಕಳಿಸಿ തുടങ്ങ*',
  instead:
    'aivaji ऐवजी badle બદલે ની_જગ્યાએ বদলে পরিবর্তে ਦੀ_ਥਾਂ badhila பதிலா* badulu బదులు badalu ಬದಲು pakaram പകരം',
};
