import { z } from 'zod';
import type { Buyer } from '../../models/buyer.ts';
import { maskedPhone } from '../../models/buyer.ts';
import type { Case } from '../../models/case.ts';
import { ACTIONS, type Block, clipped, escaped, type Modal, markdown, shortTime } from './blocks.ts';
import type { BuyerSearch } from './command.ts';
import type { Answer } from './commands.ts';
import { CONSENT_BUTTON, consentForm } from './consentForm.ts';
import { consentText } from './consentWords.ts';
import { ERASE_BUTTON, erasureForm, mayErase } from './erasureForm.ts';
import { openJourneyOf } from './journey.ts';
import type { BotHold, ListenerParts } from './listening.ts';
import type { TeamMember } from './people.ts';
import { openBooking } from './sales.ts';
import { openTimeline } from './timeline.ts';
import { MATTER, reasonOfLoss, teamName } from './words.ts';

/** `/baton buyer …` and `/baton bot …`: who a buyer is, how they stand, and whether the bot speaks with them. */

const MOST_SHOWN = 5;
const NAME_CHARACTERS = 100;
/** Their members speak with any buyer; others with those whose case is theirs. */
const SPEAK_WITH_ALL = ['sales', 'support'] as const;

type Act = 'pause' | 'resume';

const NOT_YOURS = 'Only support and legal may erase a buyer’s data.';

/** The forms that are opened beside a buyer; undefined for whom they are not. */
const FORMS: Record<
  string,
  (parts: ListenerParts, buyer: string, member: TeamMember) => Promise<Modal | undefined>
> = {
  [CONSENT_BUTTON]: async (_parts, buyer) => consentForm(buyer),
  [ERASE_BUTTON]: async (parts, buyer, { teams }) =>
    mayErase(teams) ? erasureForm(parts, { buyer }) : undefined,
};

const press = z.object({
  user: z.object({ id: z.string() }),
  trigger_id: z.string(),
  actions: z.array(z.object({ value: z.string() })).min(1),
});

/** Up to five buyers who fit, with what there is to know of them. */
export async function answerBuyer(parts: ListenerParts, search: BuyerSearch): Promise<Answer> {
  const found = await findBuyers(parts, search);
  if (found.length === 0) return { text: noneText(search) };
  const shown = found.slice(0, MOST_SHOWN);
  const open = await parts.lists.openOf(shown.map(({ _id }) => _id));
  const links = await parts.links.to(open);
  const blocks: Block[] = [];
  for (const buyer of shown) {
    const cases = open.filter((each) => each.buyer === buyer._id);
    blocks.push(...(await buyerBlocks(parts, buyer, cases, links)));
  }
  const title = titleText(found.length);
  return { text: title, blocks: [{ type: 'section', text: markdown(title) }, ...blocks] };
}

/** Pauses or resumes the bot for the one buyer who is meant. */
export async function answerBot(
  parts: ListenerParts,
  asked: { act: Act; search: BuyerSearch; member: TeamMember; inputId: string },
): Promise<Answer> {
  const found = await findBuyers(parts, asked.search);
  const [buyer] = found;
  if (!buyer) return { text: noneText(asked.search) };
  if (found.length === 1) return { text: await holdBot(parts, { ...asked, buyer }) };
  const { blocks = [] } = await answerBuyer(parts, asked.search);
  const text = 'More than one buyer fits: choose with a button, or give the phone number.';
  return { text, blocks: [{ type: 'section', text: markdown(text) }, ...blocks.slice(1)] };
}

/** Opens the form of a booking for the one buyer who is meant. */
export async function answerBook(
  parts: ListenerParts,
  search: BuyerSearch,
  member: TeamMember,
  trigger: string,
): Promise<Answer> {
  const found = await findBuyers(parts, search);
  const [buyer, ...others] = found;
  if (!buyer) return { text: noneText(search) };
  if (others.length > 0) return answerBuyer(parts, search);
  await openBooking(parts, trigger, member.id, buyer._id);
  return { text: `Booking a unit for ${escaped(nameOf(buyer))}.` };
}

/** Takes in the buttons beside a buyer. */
export function listenToBuyerButtons(parts: ListenerParts): void {
  for (const [action, viewOf] of Object.entries(FORMS)) {
    parts.app.action(action, async ({ ack, body, respond }) => {
      await ack();
      const { user, trigger_id, actions } = press.parse(body);
      const member = await parts.people.member(user.id);
      const buyer = member && (await parts.buyers.byId(actions[0]?.value ?? ''));
      const view = buyer && (await viewOf(parts, buyer._id, member));
      if (view) return void (await parts.client.views.open({ trigger_id, view }));
      await respond({ text: buyer ? NOT_YOURS : parts.people.whoMay(), replace_original: false });
    });
  }
  parts.app.action('buyer_timeline', async ({ ack, body, respond }) => {
    await ack();
    const { user, trigger_id, actions } = press.parse(body);
    const member = await parts.people.member(user.id);
    const buyer = member && (await parts.buyers.byId(actions[0]?.value ?? ''));
    if (!buyer) return void (await respond({ text: parts.people.whoMay(), replace_original: false }));
    try {
      await openTimeline(parts, trigger_id, { buyer: buyer._id, title: nameOf(buyer) });
    } catch (error) {
      parts.log.warn({ err: error }, 'a timeline was not opened');
      await respond({ text: 'That took too long. Please press Timeline again.', replace_original: false });
    }
  });
  parts.app.action('buyer_journey', async ({ ack, body, respond }) => {
    await ack();
    const { user, trigger_id: triggerId, actions } = press.parse(body);
    const member = await parts.people.member(user.id);
    const buyer = member && (await parts.buyers.byId(actions[0]?.value ?? ''));
    const text = buyer
      ? await openJourneyOf(parts, {
          ...{ buyer: buyer._id, title: nameOf(buyer) },
          user: user.id,
          triggerId,
        })
      : parts.people.whoMay();
    if (text) await respond({ response_type: 'ephemeral', replace_original: false, text });
  });
  for (const act of ['pause', 'resume'] as const) {
    parts.app.action(`buyer_bot_${act}`, async ({ ack, body, respond }) => {
      const { user, trigger_id, actions } = press.parse(body);
      const member = await parts.people.member(user.id);
      const buyer = member && (await parts.buyers.byId(actions[0]?.value ?? ''));
      const inputId = `slack:command:${trigger_id}`;
      const text = buyer ? await holdBot(parts, { act, buyer, member, inputId }) : parts.people.whoMay();
      await ack();
      await respond({ response_type: 'ephemeral', replace_original: false, text });
    });
  }
}

async function findBuyers({ buyers }: ListenerParts, search: BuyerSearch): Promise<Buyer[]> {
  switch (search.kind) {
    case 'phone': {
      const found = await buyers.byPhone(search.phone);
      return found ? [found] : [];
    }
    case 'unit':
      // Nobody owns a unit before there are bookings; but somebody may be called like one.
      return buyers.named(search.unit, MOST_SHOWN + 1);
    case 'name':
      return buyers.named(search.name, MOST_SHOWN + 1);
  }
}

async function buyerBlocks(
  { leads, visits, consent, now, timeZone }: ListenerParts,
  buyer: Buyer,
  cases: Case[],
  links: Map<string, string>,
): Promise<Block[]> {
  const [interests, visit, agreed] = await Promise.all([
    leads.ofBuyer(buyer._id),
    visits.nextOf(buyer._id, now()),
    consent.of(buyer._id),
  ]);
  const stages = interests.map(({ stage, project, lostReason }) => {
    const why = stage === 'Lost' && lostReason ? `: ${escaped(clipped(reasonOfLoss(lostReason), 200))}` : '';
    return `${stage} (${escaped(project)})${why}`;
  });
  const open = cases.map(({ _id, ticket, intent }) => {
    const link = links.get(_id);
    return `${link ? `<${link}|${ticket}>` : ticket} ${MATTER[intent]}`;
  });
  const text = [
    `*${escaped(nameOf(buyer))}*${phoneText(buyer)}`,
    `Stage: ${stages.at(-1) ?? 'no enquiry on record'}`,
    ...(buyer.tags?.length ? [`Tags: ${escaped(buyer.tags.join(', '))}`] : []),
    `Open cases: ${clipped(open.join(', '), 1_500) || 'none'}`,
    `Next visit: ${visit ? `${shortTime(visit.at, timeZone)}, ${escaped(visit.project)}` : 'none'}`,
    `Consent: ${agreed ? consentText(agreed, timeZone) : 'nothing on record'}`,
    ...(buyer.erasure ? [erasureText(buyer.erasure, timeZone)] : []),
  ].join('\n');
  const button = (action_id: string, label: string) => ({
    type: 'button' as const,
    action_id,
    text: { type: 'plain_text' as const, text: label },
    value: buyer._id,
  });
  return [
    { type: 'section', text: markdown(text) },
    {
      type: 'actions',
      block_id: `buyer:${buyer._id}`.slice(0, 255),
      elements: [
        button('buyer_timeline', 'Timeline'),
        button('buyer_journey', 'Journey…'),
        button('buyer_bot_pause', 'Pause the bot'),
        button('buyer_bot_resume', 'Resume the bot'),
        button(ACTIONS.bookBuyer, 'Book a unit…'),
        button(CONSENT_BUTTON, 'Consent…'),
        button(ERASE_BUTTON, 'Erase data…'),
      ],
    },
  ];
}

function erasureText({ decidedAt, by, doneAt }: NonNullable<Buyer['erasure']>, timeZone: string): string {
  const done = doneAt ? `erased ${shortTime(doneAt, timeZone)}` : 'being erased';
  return `Personal data: ${done}, as ${escaped(by.name)} decided ${shortTime(decidedAt, timeZone)}`;
}

async function holdBot(
  parts: ListenerParts,
  { act, buyer, member, inputId }: { act: Act; buyer: Buyer; member: TeamMember; inputId: string },
): Promise<string> {
  const teams = new Set((await parts.lists.openOf([buyer._id])).map(({ team }) => team));
  for (const team of SPEAK_WITH_ALL) teams.add(team);
  if (!member.teams.some((team) => teams.has(team))) {
    return `Only ${[...teams].map(teamName).join(', ')} may ${act} the bot for ${escaped(nameOf(buyer))}.`;
  }
  const staff = { id: member.id, name: member.name };
  const hold = await parts.holdBot({ buyer: buyer._id, act, inputId, staff });
  return holdText(hold, escaped(nameOf(buyer)), parts.timeZone);
}

function holdText({ outcome, by, until }: BotHold, name: string, timeZone: string): string {
  if (outcome === 'unknown') return `${name} has not written yet: there is no conversation.`;
  if (!until) return `The bot speaks with ${name}.`;
  const end = shortTime(until, timeZone);
  return `The bot is silent with ${name}: ${escaped(by ?? 'a person')} has the word until ${end}.`;
}

function titleText(count: number): string {
  if (count === 1) return '1 buyer';
  if (count <= MOST_SHOWN) return `${count} buyers fit`;
  return `More than ${MOST_SHOWN} buyers fit: these are the first. Say more of the name, or the phone number.`;
}

/** The search itself is not repeated: it may be a phone number. */
function noneText(search: BuyerSearch): string {
  switch (search.kind) {
    case 'phone':
      return `No buyer is known under the number ${maskedPhone(search.phone)}.`;
    case 'unit':
      return 'No buyer is found: units have no owners on record before there are bookings. Try the phone number or the name.';
    case 'name':
      return `No buyer’s name begins with “${escaped(clipped(search.name, 40))}”.`;
  }
}

function nameOf({ name }: Buyer): string {
  return clipped(name.trim() || 'Unknown buyer', NAME_CHARACTERS);
}

function phoneText({ handles }: Buyer): string {
  const phone = handles.find((handle) => handle.startsWith('pn:'));
  return phone ? ` ${maskedPhone(phone)}` : '';
}
