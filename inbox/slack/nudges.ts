import type { WebClient } from '@slack/web-api';
import { DateTime } from 'luxon';
import type { Notice, NudgeLine } from '../../models/notice.ts';
import { type Block, escaped } from './blocks.ts';

/** How cases whose time runs out are told to people: one message for all of them, however many there are. */

/** More than people read; the rest is counted. */
const LINES_SHOWN = 20;
const LINES_PER_SECTION = 5;
const NAME_CHARACTERS = 60;

/** The message of a nudge: whom it calls, what it is about, and a line with a link for every case. */
export async function nudgeMessage(
  client: WebClient,
  { text, nudge }: Notice,
  timeZone: string,
): Promise<{ text: string; blocks: Block[] }> {
  const { mentions = [], lines = [] } = nudge ?? {};
  const ordered = [...lines].sort((a, b) => b.level - a.level || a.dueAt.getTime() - b.dueAt.getTime());
  const called = mentions.map((id) => `<@${id}> `).join('');
  const words = `${called}${escaped(text)}`;
  const shown = await Promise.all(
    ordered.slice(0, LINES_SHOWN).map((line) => written(client, line, timeZone)),
  );
  const more = ordered.length > LINES_SHOWN ? [`and ${ordered.length - LINES_SHOWN} more`] : [];
  const sections = [`:hourglass_flowing_sand: *${words}*`, ...inSections([...shown, ...more])];
  return {
    text: words,
    blocks: sections.map((part) => ({ type: 'section', text: { type: 'mrkdwn', text: part } })),
  };
}

/** A name and a link per line: all of them may be more than one section holds. */
function inSections(lines: string[]): string[] {
  if (lines.length === 0) return [];
  return [lines.slice(0, LINES_PER_SECTION).join('\n'), ...inSections(lines.slice(LINES_PER_SECTION))];
}

/** The direct messages with a person, opened if they never were. Throws what the client throws. */
export async function directChannel(client: WebClient, user: string): Promise<string> {
  const { channel } = await client.conversations.open({ users: user });
  return channel?.id ?? user;
}

async function written(client: WebClient, line: NudgeLine, timeZone: string): Promise<string> {
  const { ticket, buyerName, owner, dueAt, level } = line;
  const link = await linkTo(client, line);
  const at = DateTime.fromJSDate(dueAt, { zone: timeZone }).toFormat('d MMM, h:mm a');
  const who = escaped(buyerName.slice(0, NAME_CHARACTERS) || 'Unknown buyer');
  const sign = level === 3 ? ':red_circle:' : level === 2 ? ':large_orange_circle:' : ':large_yellow_circle:';
  const when = level === 3 ? `was due ${at}` : `answer by ${at}`;
  const whose = owner ? `<@${owner.id}>` : '_unassigned_';
  return `${sign} ${link ? `<${link}|${ticket}>` : ticket} · ${who} · ${whose} · ${when}`;
}

/** A link is a courtesy: the ticket's number is enough to find a case. */
async function linkTo(client: WebClient, { slack }: NudgeLine): Promise<string | undefined> {
  if (!slack) return undefined;
  try {
    return (await client.chat.getPermalink({ channel: slack.channel, message_ts: slack.ts })).permalink;
  } catch {
    return undefined;
  }
}
