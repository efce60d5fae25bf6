import type { ScoredIntent } from '../../flows/types.ts';
import { any, standing } from './wordPatterns.ts';

/**
 * Meanings that may not be missed wherever they stand in a message: a wish to hear nothing more, a legal threat, a
 * death. Patterns run over folded words, so that one spelling serves both scripts; alternatives are written unfolded.
 */
const MESSAGES = any(
  'message messages messaging msg msgs massage sms whatsapp updates update notification notifications promotions ads offers spam sandesh advertisement texts mails maisej mesej apadet apdet esemes vhatsap मेसेज संदेश मॅसेज મેસેજ સંદેશ જાહેરાત মেসেজ বার্তা বিজ্ঞাপন ਮੈਸੇਜ ਸੁਨੇਹੇ மெசேஜ் செய்தி விளம்பரம் మెసేజ్ మెసేజీలు సందేశాలు ప్రకటనలు ಮೆಸೇಜ್ ಸಂದೇಶ ಜಾಹೀರಾತು മെസ്സേജ് മെസേജ് സന്ദേശം jahirat jaherat offer ऑफर ઓફર অফার ਆਫਰ ஆஃபர் ఆఫర్లు ಆಫರ್ ഓഫർ',
);
const HINDI_STOP = any(
  'band_kar band_karo band_kijiye band_karen band_kariye band_karna band_karoge mat_bhejo mat_bhejna mat_bhejiye mat_bheja mat_karo mat_karna mat_kariye mat_kijiye na_bhejo na_bhejen na_karen nahi_chahiye nahi_bhejo nhi_chahiye',
);
/** The same in Marathi, Gujarati, Bengali, Punjabi, Tamil, Telugu, Kannada and Malayalam. */
const REGIONAL_STOP = any(
  'pathvu_naka pathavu_naka pathvu_nako karu_naka karu_nako kru_naka naka_pathvu band_kara bandh_kara thambva पाठवू_नका पाठवू_नको करू_नका करू_नको बंद_करा थांबवा ' +
    'moklo_nahi mokalsho_nahi moklsho_nahi moklta_nahi na_moklo na_mokalsho bandh_karo bandh_kari_do મોકલો_નહીં મોકલશો_નહીં ન_મોકલો ન_મોકલશો મોકલવાનું_બંધ_કરો બંધ_કરો બંધ_કરી_દો ' +
    'pathaben_na pathiyo_na pathabe_na korben_na bondho_korun bondho_koro পাঠাবেন_না পাঠিও_না করবেন_না বন্ধ_করুন বন্ধ_করো ' +
    'na_bhejo na_bhejna na_bhejeo band_kar_deo ਨਾ_ਭੇਜੋ ਨਾ_ਭੇਜਿਓ ਨਾ_ਕਰੋ ਬੰਦ_ਕਰੋ ਬੰਦ_ਕਰ_ਦਿਓ ' +
    'anuppadhinga anuppathinga anupadhinga anuppa_vendam anupa_vendam pannadhinga niruthunga nirutthunga அனுப்பாதீங்க அனுப்பாதீர்கள் அனுப்ப_வேண்டாம் பண்ணாதீங்க நிறுத்துங்க நிறுத்துங்கள் வேண்டாம் ' +
    'pampakandi pampoddu pampavaddu pampa_vaddu cheyakandi cheyoddu aapandi aapeyandi పంపకండి పంపొద్దు పంపవద్దు చేయకండి చేయొద్దు ఆపండి ఆపేయండి వద్దు ' +
    'kalisbedi kalsbedi kaluhisabedi madbedi maadbedi nillisi ಕಳಿಸಬೇಡಿ ಕಳುಹಿಸಬೇಡಿ ಮಾಡಬೇಡಿ ನಿಲ್ಲಿಸಿ ಬೇಡ ' +
    'ayakkaruthu ayakaruth ayakkanda nirthu nirthoo അയക്കരുത് അയക്കണ്ട അയക്കേണ്ട നിർത്തൂ നിർത്തുക വേണ്ട',
);
const LITTLE = '(?: \\S+){0,3}';

const WANTS_SILENCE = [
  `${any('stop quit cease')}(?: all| any| your| these| this| the)? ${any('sending messaging texting spamming contacting whatsapping messages msgs message msg communication promotions updates')}`,
  `${any('dont do_not never')} ${any('message text contact whatsapp msg sms spam')} ${any('me us again this my here')}`,
  `${any('dont do_not never')} send(?: me| us)?(?: any| more| these| your| such| further)* ${MESSAGES}`,
  `${any('dont do_not never')} send(?: me| us)? ${any('anything any more_anything')}`,
  any('unsubscribe unsubcribe opt_out optout opt_me_out'),
  `${any('remove delete take exclude hatao hata')}(?: me| my number| my no| my contact| this number| number)?(?: off| out)? ${any('from_your_list from_the_list from_this_list from_list your_list this_list from_your_broadcast from_broadcast your_broadcast this_broadcast list_se')}`,
  `list se${LITTLE} ${any('hata hatao hata_do nikal nikalo')}`,
  `${any('no')} more ${MESSAGES}`,
  `${MESSAGES}${LITTLE} ${HINDI_STOP}`,
  `${HINDI_STOP}${LITTLE} ${MESSAGES}`,
  `${MESSAGES}${LITTLE} ${REGIONAL_STOP}`,
  `${REGIONAL_STOP}${LITTLE} ${MESSAGES}`,
].map(standing);

/** A wish with a condition (a time, a topic, another channel) is a person's to judge. */
const CONDITION = standing(
  any(
    'raat night midnight late office sunday only sirf kewal except unless until abhi_mat driving meeting alawa call_karo instead hindi_me english_me subah dopahar weekend jab_tak brochure location',
  ),
);

const COURTS = any(
  'rera maharera court cort adalat kachahri forum police thane thana thaane nclt eow media tribunal ombudsman cm fir',
);
const GOING = any(
  'jaunga jaungi jaenge jayenge jaega ja_raha jaa_raha ja_rahe jana_padega jau jaoon going go_to will_go complaint complain shikayat milenge milte milna milunga dalunga daalunga karunga karungi karenge kar_dunga karwaunga khatkhataunga approach approaching drag ghaseetunga le_jaunga filing will_file file_a filed file_karunga tayari report petition',
);
const REGISTRY = any(
  'number no registered registration approved certificate id certified compliant website form ka_number me_registered',
);

const THREATENS = [
  `${COURTS}(?! ${REGISTRY})${LITTLE} ${GOING}`,
  `${GOING}(?: \\S+){0,4} ${COURTS}(?! ${REGISTRY})`,
  `${any('else otherwise warna varna nahi_to nahin_to or_i_will or_face')}(?: \\S+){0,3} ${any('rera maharera court legal police consumer_court consumer_forum forum adalat notice vakil lawyer case')}`,
  any(
    'legal_action legal_consequences legal_notice advocate_notice kanooni_karyavahi kanooni_karvai kanooni_karwai vakil_ka_notice lawyer_notice sue_you suing_you will_sue see_you_in_court mukadma_thok mukadma_kar',
  ),
  `case ${any('karunga karungi kar_dunga karenge thok thokunga kar_denge file_karunga dalunga')}`,
  `${any('file filing')} (?:a |the |my )?(?:consumer |police |court )?${any('case lawsuit suit fir')}`,
].map(standing);

const FAMILY = any(
  'papa pitaji pita father dad daddy husband pati wife patni mother mummy maa mata mom brother bhai son beta daughter beti uncle grandfather dada abbu ammi owner applicant buyer allottee customer unka unki inka parents',
);
const DEATH = any(
  'expired expire passed_away passed_on passes_away died dead dehant nidhan swargwas swargvas mrityu maut guzar_gaye gujar_gaye guzar_gayi guzar_gaya chal_base is_no_more death intkal inteqal',
);

/** "Nahi rahe" means a death only right behind the person: "koi sunne wala nahi raha" is a complaint. */
const IS_NO_MORE = `(?: \\S+){0,2} ${any('nahi_rahe nahi_rahi nhi_rahe nhi_rahi nahi_raha')}`;
const NEAREST = any(
  'papa pitaji pita father dad daddy husband pati wife patni mother mummy maa mata mom bhai dada abbu ammi',
);

const DIED = [
  `${NEAREST}${IS_NO_MORE}`,
  `${FAMILY}(?: \\S+){0,5} ${DEATH}`,
  `${DEATH}(?: \\S+){0,4} ${FAMILY}`,
  any('death_certificate legal_heir varis'),
].map(standing);

/** The meanings found by alarm, surest first; empty for nearly every message. */
export function alarmsIn(words: string[]): ScoredIntent[] {
  const text = ` ${words.join(' ')} `;
  const rings = (patterns: RegExp[]) => patterns.some((pattern) => pattern.test(text));
  const alarms: ScoredIntent[] = [];
  if (rings(WANTS_SILENCE)) alarms.push({ name: 'opt_out', confidence: CONDITION.test(text) ? 0.6 : 0.98 });
  if (rings(THREATENS)) alarms.push({ name: 'legal_threat', confidence: 0.95 });
  if (rings(DIED)) alarms.push({ name: 'bereavement', confidence: 0.93 });
  return alarms.sort((a, b) => b.confidence - a.confidence);
}
