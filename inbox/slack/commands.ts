import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Block, clipped, escaped, markdown, plainText } from './blocks.ts';
import { answerBook, answerBot, answerBuyer, listenToBuyerButtons } from './buyerCommands.ts';
import { answerInbox, listenToListButtons } from './caseListCommand.ts';
import { clock } from './caseRows.ts';
import type { Command, CommandMistake } from './command.ts';
import { answerMilestones } from './lateMilestones.ts';
import type { ListenerParts } from './listening.ts';
import type { TeamMember } from './people.ts';
import { MATTER, teamName } from './words.ts';

/** `/baton`: one command with subcommands. Only who typed it sees the answer. */

const slashCommand = z.object({
  command: z.string(),
  text: z.string().default(''),
  user_id: z.string(),
  trigger_id: z.string(),
});

/** What a command is answered with. */
export type Answer = { text: string; blocks?: Block[] };

/** Slack gives 3 s: what takes longer than this is answered afterwards. */
const ANSWER_AT_ONCE_MS = 2_000;
/** The command of each environment's app: `/baton`, `/baton-staging`, `/baton-dev`. */
export const COMMAND_NAME = /^\/baton(?:-[a-z]+)?$/;

/** Takes in the command and what is pressed in its answers. */
export function listenToCommands(parts: ListenerParts): void {
  parts.app.command(COMMAND_NAME, async ({ ack, body, respond }) => {
    const asked = slashCommand.parse(body);
    const answering = answerSafely(parts, asked);
    const soon = await withinMs(answering, ANSWER_AT_ONCE_MS);
    await ack(soon && { response_type: 'ephemeral', ...soon });
    if (!soon) {
      const late = answering.then((answer) => respond({ response_type: 'ephemeral', ...answer }));
      late.catch((error: unknown) => parts.log.warn({ err: error }, 'an answer to a command was not shown'));
    }
  });
  listenToBuyerButtons(parts);
  listenToListButtons(parts);
}

/** Never rejects: Slack does not deliver a command again, so its writer must know. */
async function answerSafely(parts: ListenerParts, asked: z.infer<typeof slashCommand>): Promise<Answer> {
  try {
    const member = await parts.people.member(asked.user_id);
    if (!member) return { text: parts.people.whoMay() };
    const inputId = `slack:command:${asked.trigger_id}`;
    const command = parts.commands.parse(plainText(asked.text));
    return await answerTo(parts, {
      ...{ command, name: asked.command, member, inputId },
      trigger: asked.trigger_id,
    });
  } catch (error) {
    parts.log.error({ err: error }, 'a command failed');
    return { text: 'Something went wrong. Please try again in a moment.' };
  }
}

type Asked = {
  command: Command | CommandMistake;
  name: string;
  member: TeamMember;
  inputId: string;
  trigger: string;
};

async function answerTo(
  parts: ListenerParts,
  { command, name, member, inputId, trigger }: Asked,
): Promise<Answer> {
  if ('error' in command) {
    const help = command.help ? `\n${helpText(parts, name)}` : ` \`${name} help\` shows what there is.`;
    return { text: `${escaped(command.error)}${help}` };
  }
  switch (command.kind) {
    case 'help':
      return { text: helpText(parts, name) };
    case 'case':
      return answerCase(parts, command.ticket);
    case 'buyer':
      return answerBuyer(parts, command.search);
    case 'inbox':
      return answerInbox(parts, command.list, member);
    case 'milestones':
      return answerMilestones(parts, command.team, member);
    case 'bot':
      return answerBot(parts, { ...command, member, inputId });
    case 'book':
      return answerBook(parts, command.search, member, trigger);
    case 'sale':
      return { text: escaped(await parts.sales.run(command, { id: member.id, name: member.name })) };
    case 'lead':
    case 'tag':
      return { text: escaped(await parts.commands.say(command, member, inputId)) };
    case 'remind':
    case 'campaign':
      return { text: escaped(await parts.commands.run(command, { id: member.id, name: member.name })) };
  }
}

function helpText({ commands }: ListenerParts, name: string): string {
  return [
    'Only you see what this command answers:',
    ...commands.help.map((line) => `• \`${name} ${escaped(line)}\``),
  ].join('\n');
}

/** How a case stands. The buyer's words stay in the channel of its team, to which the link leads. */
async function answerCase(parts: ListenerParts, ticket: string): Promise<Answer> {
  const found = await parts.lists.byTicket(ticket);
  if (!found) return { text: `There is no case ${ticket}.` };
  const link = (await parts.links.to([found])).get(found._id);
  const title = link ? `<${link}|${ticket}>` : ticket;
  const owner = found.owner ? escaped(found.owner.name) : 'nobody yet';
  const text = [
    `*${title} · ${MATTER[found.intent]}*`,
    `Buyer: ${escaped(clipped(found.buyerName || 'unknown', 200))}`,
    `Team: ${teamName(found.team)} · Owner: ${owner}`,
    `Status: ${found.status} · ${clock(found, parts.now(), parts.timeZone)}`,
    ...(link ? [] : ['Its card is not in Slack yet.']),
  ].join('\n');
  return { text, blocks: [{ type: 'section', text: markdown(text) }] };
}

/** What `work` gives within this time, or undefined. */
async function withinMs<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const giveUp = new AbortController();
  const patience = delay(ms, undefined, { signal: giveUp.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, patience]);
  } finally {
    giveUp.abort();
  }
}
