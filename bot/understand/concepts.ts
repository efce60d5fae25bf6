import { REGIONAL_WORDS } from './regional.ts';
import { fold, romanise } from './spelling.ts';

/**
 * The trade's concepts and the words that buyers use for them, in any spelling that folds to the same key.
 * `word*` is a beginning, `*word` an ending, `two_words` stand next to each other, a plain word is the whole word.
 */
const LEXICON: Readonly<Record<string, string>> = {
  pay: 'pay payment pymt pmt paisa paise paisay pese rupees rakam bhugtan amount amt money fund kist kisht installment instalment emi dues',
  paid: 'paid transferred transfered debited credited deposited neft rtgs imps upi gpay phonepe paytm cheque check_diya payment_done payment_kiya payment_kar_di paise_bhej bhar_diya jama jma daal_diya trf utr txn transaction remitted remittance cleared screenshot katgaye kat_gaye',
  price:
    'price pricing prices cost costing rate rates daam dam kimat keemat bhav bhaav quote quotation cost_sheet costsheet kitne_ka kitne_ki kitna_ka kitna_padega kitne_me mehnga sasta expensive cheap rate_card psf per_sqft budget starting onwards all_inclusive basic_price bsp',
  bargain:
    'discount* negotiable negotiate negotiation nego bargain* last_price last_rate final_rate best_price best_rate best_deal best_offer special_price any_offer any_offers koi_offer reduce_the_price reduce_price reduce_the_rate reduce_rate lower_the_price price_reduce rate_reduce reduction come_down bring_down price_match match_the_price _amt_off _pct_off _num_off less_price some_concession concession chhoot chhut chhut_milegi riyayat mol_bhav molbhav bhav_tol kam_karo kam_kar_do kam_kar_dijiye kam_kar_sakte kam_kar_dena kam_kar_denge kam_kar_doge kam_kardo kam_kare kam_karen kam_kariye kam_karwa kam_karwao kam_karke kam_kijiye kam_karenge kam_karoge kam_hoga kam_hogi kam_ho_sakta kam_ho_jayega kam_ho_jaega kam_lagao sasta_karo sasta_kar kami_kara कमी_करा कमी_करून kami_karun kami_hoil कमी_होईल kami_honar savlat सवलत ochhu_karo ઓછું_કરો ઓછા_કરો ochu_karo vyajbi વ્યાજબી છૂટ ડિસ્કાઉન્ટ kom_korun কম_করুন kom_hobe কম_হবে komano কমান ছাড় ডিসকাউন্ট ghat_karo ghatt_karo ਘੱਟ_ਕਰੋ ਛੋਟ ਡਿਸਕਾਊਂਟ kuraikka* kuraiyuma* koraika* korachu kammi_pannunga kammi_panna குறைக்க* குறைச்* கம்மி_பண்* thallupadi தள்ளுபடி டிஸ்கவுண்ட் tagginch* thagginch* taggist* taggutunda తగ్గి* తగ్గు* thakkuva_cheyandi takkuva_cheyandi తక్కువ_చేయండి డిస్కౌంట్ kadime_madi kadime_maadi ಕಡಿಮೆ_ಮಾಡಿ kammi_madi kammi_maadi ರಿಯಾಯಿತಿ riyayiti ಡಿಸ್ಕೌಂಟ್ kurakk* കുറയ്ക്ക* കുറച്ച്_തര*',
  brochure:
    'brochure broucher brocher brochur broshure pamphlet catalogue catalog pdf floor_plan floorplan layout ebrochure booklet leaflet naksha unit_plan pictures presentation material leaflet specifications_list drawing',
  send: 'send bhej* bhejo bhejiye bhejdo share snd forward mail email whatsapp dedo de_do dijiye dijie dena provide give',
  photo: 'photo photos pics pic images image video videos walkthrough foto tasveer album',
  location:
    'location address pata lokeshan lokesan map maps google_map pin_location kahan kaha kidhar where jagah landmark rasta raasta route directions direction metro distance door dur nearby nearest kitni_door station airport highway commute lat_long coordinates school hospital mall malls market bazaar park_ke connectivity pahunch rasta sector area ilaka gate cab_driver',
  visit:
    'visit visits vizit visiting site_visit site dekhne dekhna dekh_sakte dekh_lun dekhni dekhenge dekhne_aana aana aaunga aungi aayenge aaenge aa_sakte aa_jaun come_see come_and_see walk_in sample_flat show_flat mock_flat milne tour drop_by swing_by pop_in see_the_flat see_the_site view_the viewing sakshat',
  book: 'book booking booked fix schedule appointment slot arrange reserve rakh_lo rakh_do rakhiye set_up pakka confirm confirmed when_can',
  reschedule:
    'reschedule re_schedule postpone prepone shift aage aage_badha aage_kar baad_me later change_time another_day other_day dusre_din doosre kisi_aur_din move push delay_visit badal* badlo tal_do taal taliye tal_dijiye different_time late_ho',
  cancel:
    'cancel cancle cancell cancelled radd rad nahi_aa nhi_aa nahi_aaunga nahi_aa_paunga cant_come wont_come not_coming cant_make drop_the call_off withdraw',
  notwant:
    'not_interested interested interest_nahi interest_nhi nahi_chahiye nhi_chahiye nahi_lena nhi_lena no_longer already_bought le_liya kharid_liya le_chuke dont_need zarurat_nahi jarurat_nahi plan_nahi dropped_the_idea irada_nahi irada not_looking out_of_budget ruchi',
  configuration:
    '_bhk bhk bedroom bedrooms flat flats apartment studio penthouse villa duplex kamre kamra carpet sqft unit tower floor',
  project:
    'project amenities amenity clubhouse pool gym parking towers floors builder developer rera_number facilities suvidha specification specs under_construction ready_to_move township launch carpet_area density inventory availability available vastu facing balcony security',
  human:
    'agent human person insaan executive representative manager rm relationship call_me callback call_back phone_karo call_karo call_kar baat baat_karni baat_karo baat_kara talk_to speak speak_to someone koi_aadmi real_person customer_care sir_se banda salesperson ring_me phone_karo fone ring samjha word_with contact_person',
  stop: 'stop unsubscribe unsub optout opt_out band_karo band_kar band_kijiye mat_bhejo mat_bhejiye na_bhejo bhejna_band remove_me dnd do_not_disturb dont_message dont_send no_more spam block mat_karo messages msgs contact contacting campaigns broadcast list exclude cease whatsapp_mat marketing promotions promotional receive',
  data: 'data delete erase dpdp privacy personal_information personal_data hata_do hatao hata_dijiye mita_do forget_me records jankari',
  wrong:
    'wrong_number galat_number galat wrong_person galat_aadmi not_me dont_know mai_nahi wrong_no kaun_ho who_is_this who_are_you rong kisko kise previous_owner kaun_bol jante janta jaanta naam_ka enquired enquiry_nahi student sim',
  complaint:
    'complaint complain shikayat pathetic worst bekar bekaar ghatiya rude unprofessional badtameez badtamizi harass harassment pareshan irresponsible no_response reply_nahi jawab_nahi koi_jawab frustrated disappointed terrible horrible service staff uthata uthate unhappy tang careless raat_ko batmizi behaved misbehaved badtamiz shout shouting waited wait harassing kab_se sunta sunwai zimmedari clueless fed_up ghanta intezar rudely',
  progress:
    'possession posession pozession kabza handover hand_over ready completion complete construction progress status update kab_tak kab_milega kab_milegi delay delayed late nirman kaam_kahan kaam_ruka slab_kab chabi chaabi keys shift_ho oc completion_certificate labour finishing plinth update updates nirmaan taiyar tayar bana bani ban_gaya handed',
  later:
    'next_week next_month agle_mahine agle_hafte salary tareek tarikh tarik by_friday by_monday by_tomorrow tak_kar kar_dunga kar_dungi kar_denge de_dunga de_dungi bhej_dunga bhej_dungi dunga dungi denge will_pay will_transfer will_clear shall_pay pay_by promise vada pakka_kar karunga',
  moretime:
    'time_chahiye more_time extension extend mohlat samay_chahiye thoda_time thoda_samay din_ka_time extra_days grace grace_period few_more_days need_time waqt time_de time_dedo time_do samay due_date_badha aage_badha mahina_ruk ruk_jao sabar split_the parts_me do_hisse tangi tight afford lost_my_job naukri_chali unable cannot_pay nahi_ho_payega defer rahat cash_flow funds_stuck',
  how: 'how kaise kese kaisay how_to process procedure tareeka tarika link qr account_number account_details bank_details ifsc upi_id payment_link netbanking credit_card cheque_kis in_favour favour mode modes online steps',
  dispute:
    'galat wrong mismatch wrong_amount galat_demand double twice already_paid pehle_hi extra_charge zyada jyada excess hisab hisaab calculation incorrect nahi_bana why_demand kyu_demand hua_nahi abhi_nahi_hua slab slab_hua not_reflecting ledger statement_wrong overcharged not_agreed kyu kyon dispute disagree gadbad do_baar twice credit_nahi reflect show_nahi billed jod_diya maang_rahe_ho dikha_raha',
  interest:
    'interest byaj vyaj byaaj penalty late_fee late_fees late_charges penal jurmana fine charges delay_charges',
  waive:
    'waive waiver waived maaf maf maafi chhod_do reverse hata_do remove_the_interest reduce kam_kar reversal',
  receipt:
    'receipt reciept recipt receipts rasid raseed rashid paavti pavti acknowledgement acknowledgment payment_proof money_receipt statement soa account_statement ledger khata_vivaran',
  tax: 'gst tds tax _taxform challan cess itc section pan_tds input_credit kar tax_invoice _pct',
  refund:
    'refund refunds money_back paise_wapas wapas wapis vapas waapas lauta lautao refunded return_my token_wapas',
  fraud:
    'fraud fake scam genuine asli nakli froud dhokha thagi real_number verify_number suspicious is_this_you aapka_hi aap_hi new_account naya_account changed_account account_changed authentic official hacker cash',
  kyc: 'kyc aadhaar aadhar adhar adhaar pan pan_card pancard passport voter voter_id photo_id id_proof identity documents document docs dastavej kagaz kagaj papers papar dl driving_licence address_proof upload uploaded oci poa passport_size',
  submitted:
    'attached attaching attachment submitted uploaded upload_kar_diya bhej_diya bhej_diye bhej_di bhej_raha sent sending here_is yeh_raha ye_raha ye_lo please_find pfa lijiye daal_diye jama_kar_diye shared de_diya de_diye',
  which:
    'which kaun_kaun kaun_se kaunse konse kya_kya kya_chahiye required requirement list needed zaroori jaruri mandatory chahiye_kya lagenge lagega',
  loan: 'loan lone homeloan home_loan hdfc sbi icici axis lic pnb kotak bank banker sanction sanctioned disbursement disburse noc cibil pre_approved apf tripartite karz karza rin finance lender emi_kitni down_payment ltv subsidy pmay finance_karwa mortgage valuation tie_up tie_ups funding',
  bookcancel:
    'cancel_my_booking cancel_booking booking_cancel booking_radd cancel_the_booking surrender give_up_the_flat withdraw_my_booking unit_cancel flat_cancel cancel_karna cancellation deduction katega katoge forfeit booking_wapas',
  change:
    'change correct correction spelling name naam update update_my new_number naya_number change_number add add_karna co_applicant coapplicant joint transfer_to nominee address_change sudhar sudhaar theek_kar badalna phone_number email_id swap upgrade',
  paper:
    'allotment allotment_letter agreement_copy copy agreement demand_letter oc_copy noc_letter approved_plan title certificate occupancy papers_ki_copy nakal prati duplicate sale_deed cost_breakup rera_certificate plan_copy commencement',
  registration:
    'registration registry registrar sro sub_registrar sub_registrar_office stamp_duty stamp stamps estamp panjikaran panjiyan rajistri rajistry index_2 e_stamp witness witnesses gawah biometric deed_registration agreement_registration',
  legal:
    'clause clauses legal lawyer vakil vakeel advocate terms condition conditions agreement_me agreement_mein kanoon kanooni law act section_18 meaning samjhao explain right rights entitled penalty_clause arbitration jurisdiction force_majeure indemnity',
  threat:
    'rera consumer_court consumer_forum court kachahri kachehri adalat sue suing case mukadma legal_notice notice police fir thana legal_action action complaint_rera file_a lawsuit media twitter expose kejriwal forum tribunal nclt kanooni_karyawahi',
  otherwise: 'else otherwise warna varna nahi_to nahin_to nahito or_else agar_nahi if_not',
  misled:
    'promised promise_kiya bola_tha kaha_tha told bataya_tha brochure_me brochure_mein dikhaya_tha dikhaya shown misled mislead cheated cheat jhooth jhuth jhoot lied false misrepresent carpet_kam area_kam smaller kam_nikla commitment compensation muavza muawza was_told advertised mukar dhoka paid_returns assured without_asking bina_puche changed_without harjana harjaana wada waada vada_tha fasaya kaha_gaya misrepresented advertised compensate bola_kuch dhokha',
  death:
    'death died dead expired passed_away pass_away demise deceased late_father late_husband nahi_rahe nhi_rahe nahin_rahe guzar_gaye gujar_gaye dehant dehanth nidhan swargwas swargvas mrityu maut chal_base no_more guzar_gayi gujar_gayi legal_heir varis heir succession waris antim intkal inteqal',
  family:
    'father mother husband wife papa pitaji mummy maa mata pati patni bhai_sahab brother son daughter beta beti uncle dad mom spouse family pita',
  defect:
    'leak* leakage leaking seepage seelan silan crack cracks darar daraar tile tiles tuta toota tooti tut_gaya broken damage damaged paint plaster door_stuck window bathroom tap nal pipe plumbing wiring switch lift damp fungus chhat ceiling pani_aa tapak* tiles_tuti khidki darwaza defect defects jam bulge flush drain paani kharab not_working',
  inspect:
    'inspection inspect snag snagging handover_inspection pre_possession check_the_flat check_my_flat flat_check jaanch janch nirikshan walkthrough_of snags measure measurement naap nap_lena re_inspection joint_inspection',
  greet:
    'hi hello hey namaste namaskar good_morning good_evening good_afternoon salaam salam pranam ram_ram jai_shree vanakkam sat_sri adab',
  thank:
    'thanks thank thankyou thanku thx shukriya dhanyavaad dhanyavad tysm ty meherbani aabhar grateful appreciate',
  yes: 'yes haan ha han yep yeah yup ok okay okey thik_hai theek_hai sure done ji_haan bilkul sahi_hai chalega right perfect zaroor jarur confirm',
  no: 'no nahi nhi nahin nope na mat not never nai dont cant wont',
  time: '_clock _day kal parso aaj today tomorrow morning evening subah shaam dopahar weekend saturday sunday monday tuesday wednesday thursday friday sat somvar mangalvar budhvar guruvar shukravar shanivar ravivar itvar sunday_ko',
  when: 'when kab kabhi kis_din what_time timing timings kitne_baje',
  amount: '_amt lakh lac crore karod hazar thousand',
  reference: '_ref',
  number: '_num',
  ask: '? kya kyu kyun why what batao bataiye batana bata_do bataye tell details detail jankari_chahiye info information',
  want: 'want need chahiye chahie chaiye chahta chahti chahte interested_in looking looking_for dhundh dekh_raha require',
  start: 'start resume restart subscribe shuru chalu opt_in unstop phir_se dobara_bhej',
  self: 'mera meri mere my mine hamara hamari our apna apni',
  done: 'diya diye kiya kiye kar_di gaya gayi ho_gaya chuka chuki chuke already done sent made completed went through given handed di_thi did has_been',
  future: '*unga *ungi *enge will shall going_to ill',
  where: 'kahan kaha kidhar where',
  why: 'kyu kyun kyon why kis_baat kis_hisab what_for',
  coming:
    'come coming aa aana aane aau aaun aata aati aate aaunga aungi aayenge aaenge reach reaching pahunch* visiting drop_by swing walk_in meet meeting milna milne dekhne',
  open: 'open khula khulta timing timings slot free closed',
  instead:
    'jagah instead another other different dusra dusre doosra doosre kisi_aur badle bajay rather earlier make_it',
  late: 'late der traffic stuck missed chhut miss delay overdue',
  quantity: 'kitna kitne kitni how_much how_many total',
  outside:
    'pizza job naukri vacancy bike car phone_should recharge match movie movies cake recipe joke poem gold petrol sabzi doodh milk train flight insurance policy instagram insta telegram bitcoin share_market election cricket weather mausam shaadi wedding birthday college homework exam driver maid supplier supply vendor dealer contractor wholesale marketing laptop tv fridge airtel jio netflix youtube video_dekho song gaana love jaan lottery won otp sim game khana khaya chai party salary_kab internship resume hiring biryani hotel room_for pg tenant tractor cow bhains temple mandir doctor dentist medicine gas bijli electricity wifi internet school_admission dance contest donor python alexa google robot capital france',
  payhow:
    'outstanding bakaya baki_hai baaki due_amount next_due kis_account kis_khate khate_me where_to_pay beneficiary remaining_milestones agli_kist next_installment drop_the_cheque payment_schedule',
  elsewherehouse: 'bought_elsewhere kharid rent_pe resale another_builder pass not_keen pasand_nahi drop',
  rerainfo:
    'rera_number rera_no rera_registered rera_approved rera_certified rera_registration rera_id rera_certificate rera_compliant',
};

const exact = new Map<string, string[]>();
const beginnings: Array<{ start: string; concept: string }> = [];
const endings: Array<{ end: string; concept: string }> = [];
const LONGEST_PHRASE = 4;

for (const lexicon of [LEXICON, REGIONAL_WORDS]) {
  for (const [concept, words] of Object.entries(lexicon)) {
    for (const word of romanise(words).split(' ')) addWord(concept, word);
  }
}

/** The concepts that the folded words of a message mention, each once, in alphabetical order. */
export function conceptsOf(folded: string[]): string[] {
  const found = new Set<string>();
  for (let i = 0; i < folded.length; i++) {
    let phrase = '';
    for (let length = 1; length <= LONGEST_PHRASE && i + length <= folded.length; length++) {
      phrase = length === 1 ? (folded[i] ?? '') : `${phrase} ${folded[i + length - 1]}`;
      for (const concept of exact.get(phrase) ?? []) found.add(concept);
    }
    for (const { start, concept } of beginnings) if (folded[i]?.startsWith(start)) found.add(concept);
    for (const { end, concept } of endings) if (folded[i]?.endsWith(end)) found.add(concept);
  }
  return [...found].sort();
}

function addWord(concept: string, word: string): void {
  if (word.endsWith('*')) {
    beginnings.push({ start: fold(word.slice(0, -1)), concept });
    return;
  }
  if (word.startsWith('*')) {
    endings.push({ end: fold(word.slice(1)), concept });
    return;
  }
  // A leading underscore is a mask such as `_amt`, which stands as it is.
  const [first = '', ...rest] = word.replace(/^_/u, '').split('_');
  const key = [word.startsWith('_') ? `_${first}` : fold(first), ...rest.map(fold)].join(' ');
  const concepts = exact.get(key) ?? [];
  if (!concepts.includes(concept)) exact.set(key, [...concepts, concept]);
}
