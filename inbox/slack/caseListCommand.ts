import { z } from 'zod';
import type { Case } from '../../models/case.ts';
import type { CaseCursor, CaseListName } from '../../models/caseLists.ts';
import { type Block, markdown } from './blocks.ts';
import { caseRow } from './caseRows.ts';
import type { Answer } from './commands.ts';
import type { ListenerParts } from './listening.ts';
import type { TeamMember } from './people.ts';

/** `/baton inbox …`: a list of cases, ten at a time. */

const PAGE_CASES = 10;
const LIST_TITLE: Record<CaseListName, string> = {
  mine: 'Mine',
  unassigned: 'Unassigned',
  snoozed: 'Snoozed',
};
const ACTION = 'inbox_page';

const pageOf = z.object({
  list: z.enum(['mine', 'unassigned', 'snoozed']),
  after: z.object({ dueAt: z.coerce.date(), id: z.string() }).optional(),
});
const press = z.object({
  user: z.object({ id: z.string() }),
  actions: z.array(z.object({ value: z.string() })).min(1),
});

/** The first page of a list. */
export async function answerInbox(
  parts: ListenerParts,
  list: CaseListName,
  member: TeamMember,
  after?: CaseCursor,
): Promise<Answer> {
  const now = parts.now();
  const [found, count] = await Promise.all([
    parts.lists.page(list, member, now, PAGE_CASES + 1, after),
    parts.lists.count(list, member, now),
  ]);
  const shown = found.slice(0, PAGE_CASES);
  const context = { links: await parts.links.to(shown), now, timeZone: parts.timeZone };
  const title = `*${LIST_TITLE[list]}: ${count === 1 ? '1 case' : `${count} cases`}*`;
  const rows = shown.map((each) => caseRow(each, context));
  return {
    text: title,
    blocks: [
      { type: 'section', text: markdown(title) },
      ...rows.map((row): Block => ({ type: 'section', text: markdown(row) })),
      ...pageButtons(list, found, after !== undefined),
    ],
  };
}

/** Takes in the buttons that turn the pages of a list. */
export function listenToListButtons(parts: ListenerParts): void {
  parts.app.action(new RegExp(`^${ACTION}:`), async ({ ack, body, respond }) => {
    await ack();
    const { user, actions } = press.parse(body);
    const member = await parts.people.member(user.id);
    if (!member) return void (await respond({ text: parts.people.whoMay(), replace_original: false }));
    const { list, after } = pageOf.parse(JSON.parse(actions[0]?.value ?? ''));
    const answer = await answerInbox(parts, list, member, after);
    await respond({ response_type: 'ephemeral', replace_original: true, ...answer });
  });
}

function pageButtons(list: CaseListName, found: Case[], isFurther: boolean): Block[] {
  const last = found.length > PAGE_CASES ? found[PAGE_CASES - 1] : undefined;
  const button = (name: string, text: string, after?: CaseCursor) => ({
    type: 'button' as const,
    action_id: `${ACTION}:${name}`,
    text: { type: 'plain_text' as const, text },
    value: JSON.stringify({ list, after }),
  });
  const elements = [
    ...(isFurther ? [button('first', 'Back to the first')] : []),
    ...(last ? [button('next', `Next ${PAGE_CASES}`, { dueAt: last.dueAt, id: last._id })] : []),
  ];
  return elements.length > 0 ? [{ type: 'actions', block_id: 'inbox_pages', elements }] : [];
}
