import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import type { Case } from '../models/case.ts';
import { Answers } from './answers.ts';
import { readConfig } from './config.ts';
import { type Context, createContext, prepareDatabase } from './context.ts';
import { Sweep } from './sweep.ts';

/**
 * `npm run chat`: be a buyer in the terminal, on the real engine, flows and database (its own, under
 * DATA_DIR/chat). Lines are messages; `/team <words>` answers as the team, `/resolve` closes the case,
 * `/wait 25h` lets time pass, `/quit` ends. Also reads lines from a pipe.
 */

const BUYER = '+919999900001';
const HELP =
  '/team <words>: answer as the team   /resolve: close the case   /wait 25h: let time pass   /quit';
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const STAFF = { id: 'terminal', name: 'Riya Malhotra' };

class Chat {
  private readonly context: Context;
  private readonly print: (line: string) => void;
  private clockAheadMs = 0;
  private shownMessages = 0;
  private readonly shownCases = new Set<string>();

  private constructor(context: Context, print: (line: string) => void) {
    this.context = context;
    this.print = print;
  }

  static async open(print: (line: string) => void): Promise<Chat> {
    const config = readConfig({ ...process.env, WHATSAPP_TRANSPORT: 'sandbox', SLACK_MODE: 'sandbox' });
    let chat: Chat | undefined;
    const now = () => new Date(Date.now() + (chat?.clockAheadMs ?? 0));
    const context = await createContext(
      {
        ...config,
        dataDir: join(config.dataDir, 'chat'),
        burstWindowMs: 0,
        roles: new Set(['gateway', 'worker']),
      },
      pino({ level: 'warn' }, pino.destination(2)),
      { now },
    );
    await prepareDatabase(context);
    chat = new Chat(context, print);
    await context.gateway.start();
    chat.shownMessages = chat.transcript().length;
    return chat;
  }

  async take(line: string): Promise<void> {
    const [, command, rest = ''] = /^\/(\w+)\s*(.*)$/s.exec(line) ?? [];
    if (!command) await this.context.sandbox?.writeAs(BUYER, line);
    else if (command === 'team')
      await this.team((answers, caseId, inputId) =>
        answers.reply({ caseId, inputId, text: rest, staff: STAFF }),
      );
    else if (command === 'resolve')
      await this.team((answers, caseId, inputId) => answers.resolve({ caseId, inputId, staff: STAFF }));
    else if (command === 'wait') await this.wait(rest);
    else this.print(HELP);
    await this.settle();
  }

  async close(): Promise<void> {
    await this.context.turns.drain();
    await this.context.gateway.stop();
    await this.context.database.close();
  }

  private async team(
    act: (answers: Answers, caseId: string, inputId: string) => Promise<unknown>,
  ): Promise<void> {
    const { models, turns } = this.context;
    const open = await models.cases.model.findOne({ status: 'open' }).sort({ openedAt: -1 }).lean<Case>();
    if (!open) return this.print('(no case is open)');
    const answers = new Answers({
      ...models,
      contextOf: this.context.decisionContext,
      wake: (id) => turns.wake(id),
      now: () => new Date(Date.now() + this.clockAheadMs),
    });
    await act(answers, open._id, `terminal:${Date.now()}`);
  }

  private async wait(text: string): Promise<void> {
    const [, amount, unit = ''] = /^(\d+)\s*([mhd])$/.exec(text.trim()) ?? [];
    const unitMs = UNIT_MS[unit];
    if (!amount || !unitMs) return this.print('(say how long: /wait 30m, /wait 25h, /wait 3d)');
    this.clockAheadMs += Number(amount) * unitMs;
    await new Sweep(this.context.sweepTasks, this.context.log).once();
  }

  /** Prints what happened once everything that was woken has come to rest. */
  private async settle(): Promise<void> {
    await this.context.turns.idle();
    const transcript = this.transcript();
    for (const message of transcript.slice(this.shownMessages)) {
      if (message.from === 'desk') for (const line of wordsOf(message.body)) this.print(line);
    }
    this.shownMessages = transcript.length;
    const cases = await this.context.models.cases.model.find({ status: 'open' }).lean<Case[]>();
    for (const { _id, ticket, team, intent, reason } of cases) {
      if (!this.shownCases.has(_id)) this.print(`  [case ${ticket} for ${team}: ${intent}, ${reason}]`);
      this.shownCases.add(_id);
    }
  }

  private transcript() {
    return this.context.sandbox?.transcript(BUYER) ?? [];
  }
}

type Body = ReturnType<NonNullable<Context['sandbox']>['transcript']>[number]['body'];

function wordsOf(body: Body): string[] {
  switch (body.kind) {
    case 'text':
      return [`< ${body.text}`];
    case 'choices':
      return [`< ${body.text}`, ...body.choices.map((choice, index) => `    ${index + 1}. ${choice.title}`)];
    case 'file':
      return [`< [${body.fileName}] ${body.caption ?? ''}`];
    default:
      return [`< [${body.kind}]`];
  }
}

const chat = await Chat.open((line) => process.stdout.write(`${line}\n`));
// Only now: lines that come in before anyone listens would be lost.
const reader = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
const isTerminal = process.stdin.isTTY === true;
if (isTerminal) process.stdout.write(`You are a buyer. ${HELP}\n`);
if (isTerminal) reader.prompt();
for await (const line of reader) {
  if (line.trim() === '/quit') break;
  if (line.trim() !== '') await chat.take(line);
  if (isTerminal) reader.prompt();
}
await chat.close();
process.exit(0);
