import {
  type Block,
  clipped,
  escaped,
  inWords,
  type Modal,
  markdown,
  type Option,
  plain,
  shortTime,
} from './blocks.ts';
import { span } from './caseRows.ts';
import type { TeamRun } from './listening.ts';
import { flowName, milestoneName, teamName } from './words.ts';

/** A buyer's journey: the runs that are under way, and what an authorised person may do with them. Pure. */

export const JOURNEY_VIEW = 'journey_form';
/** The inputs of the form, by name. */
export const JOURNEY_INPUTS = { what: 'what', reason: 'reason' } as const;

/** What is done with one run, as the form names it. */
export type JourneyChoice = { act: 'pause' | 'resume' | 'skip'; stage: string; run: string };

const MOST_RUNS = 12;
const MOST_OPTIONS = 100;
const OPTION_CHARACTERS = 75;
const VALUE_CHARACTERS = 150;
const REASON_CHARACTERS = 500;

/** The modal as Slack opens it; `metadata` comes back with what was entered. */
export function journeyModal(
  runs: TeamRun[],
  { title, metadata, timeZone, now }: { title: string; metadata: string; timeZone: string; now: Date },
): Modal {
  const shown = runs.slice(0, MOST_RUNS);
  const options = shown.flatMap(optionsOf).slice(0, MOST_OPTIONS);
  const blocks: Block[] = [
    ...shown.flatMap((run): Block[] => [
      { type: 'section', text: markdown(clipped(runText(run, timeZone, now))) },
      { type: 'divider' },
    ]),
    ...(runs.length > shown.length ? [note(`and ${runs.length - shown.length} more`)] : []),
  ];
  const common = { type: 'modal', title: plain(clipped(title, 24)), close: plain('Close') } as const;
  if (options.length === 0)
    return { ...common, blocks: [...blocks, note('No journey is under way that could be changed.')] };
  return {
    ...common,
    callback_id: JOURNEY_VIEW,
    private_metadata: metadata,
    submit: plain('Do it'),
    blocks: [
      ...blocks,
      {
        type: 'input',
        block_id: JOURNEY_INPUTS.what,
        label: plain('What shall happen?'),
        hint: plain('A paused journey says nothing and hears nothing. It can be moved on, never back.'),
        element: { type: 'static_select', action_id: 'value', options },
      },
      {
        type: 'input',
        block_id: JOURNEY_INPUTS.reason,
        label: plain('Why? It stands on the timeline with your name.'),
        element: {
          type: 'plain_text_input',
          action_id: 'value',
          multiline: true,
          max_length: REASON_CHARACTERS,
        },
      },
    ],
  };
}

/** What the option with this value stands for; undefined for none of ours. */
export function journeyChoice(value: string): JourneyChoice | undefined {
  const [, act, stage = '', run = ''] = /^(pause|resume|skip)\|(\w*)\|(.+)$/s.exec(value) ?? [];
  return act ? { act: act as JourneyChoice['act'], stage, run } : undefined;
}

function optionsOf(run: TeamRun): Option[] {
  const name = `${flowName(run.flow)}, ${run.about}`;
  const option = (act: JourneyChoice['act'], stage: string, text: string) => ({
    text: plain(clipped(text, OPTION_CHARACTERS)),
    value: `${act}|${stage}|${run.id}`,
  });
  const rest = run.paused ? option('resume', '', `Resume: ${name}`) : option('pause', '', `Pause: ${name}`);
  const moves = run.ahead.map((stage) => option('skip', stage, `On to “${inWords(stage)}”: ${name}`));
  return [rest, ...moves].filter(({ value }) => value.length <= VALUE_CHARACTERS);
}

function runText(run: TeamRun, timeZone: string, now: Date): string {
  const { flow, about, stage, enteredAt, owner, paused } = run;
  const since = `since ${shortTime(enteredAt, timeZone)}`;
  return [
    `*${flowName(flow)} · ${escaped(clipped(about, 200))}*`,
    `Stage: ${[inWords(stage), since, owner && `with ${teamName(owner)}`].filter(Boolean).join(', ')}`,
    ...(paused
      ? [
          `:double_vertical_bar: Paused by ${escaped(paused.by.name)} on ${shortTime(paused.at, timeZone)}: ` +
            escaped(clipped(paused.reason, 300)),
        ]
      : []),
    ...milestoneLines(run, timeZone, now),
  ].join('\n');
}

function milestoneLines({ milestones = {} }: TeamRun, timeZone: string, now: Date): string[] {
  return Object.entries(milestones)
    .filter(([, { reachedAt, droppedAt }]) => !reachedAt && !droppedAt)
    .map(([name, { dueAt }]) => {
      if (!dueAt) return `• ${milestoneName(name)}: open`;
      if (dueAt > now) return `• ${milestoneName(name)}: due ${shortTime(dueAt, timeZone)}`;
      return `• :red_circle: ${milestoneName(name)}: late by ${span(dueAt, now)}`;
    });
}

function note(text: string): Block {
  return { type: 'context', elements: [markdown(text)] };
}
