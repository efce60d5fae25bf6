import { type Move, type StageContext, subjectOf } from './engine.ts';
import { POLICY } from './policy.ts';
import type { Choice, Effect, HeardMessage, ProjectFacts, Question, Run, TemplateData } from './types.ts';

/** A reply in approved copy. */
export function say(template: string, data: TemplateData): Effect {
  return { kind: 'sendTemplate', template, data, category: 'reply' };
}

/** Where the run's project is, with the map. */
export function sayLocation(context: StageContext<{ project: string }>): Effect {
  const { name, address, mapUrl } = projectOf(context);
  return say('location', { project: name, address, mapUrl });
}

/** The runs that wait for an answer, the one that asked last first. */
export function runsAsking(runs: Run[]): Run[] {
  return runs
    .filter((run) => run.question)
    .sort((a, b) => (b.askedAt?.getTime() ?? 0) - (a.askedAt?.getTime() ?? 0));
}

/** The run whose open question offered exactly these choices; undefined when it has moved on or never asked. */
export function runThatOffers(choices: Choice[], runs: Run[]): Run | undefined {
  if (choices.length === 0) return undefined;
  const offered = choices.map(({ id }) => id).join();
  return runs.find(({ question }) => question && question.choices.map(({ id }) => id).join() === offered);
}

/** The move that puts a question to the buyer: its copy with quick replies, remembered on the run. */
export function ask<D>(run: Run, template: string, data: TemplateData, question: Question): Move<D> {
  const effect: Effect = {
    kind: 'sendTemplate',
    template,
    data,
    category: 'reply',
    choices: question.choices,
    asks: run.id,
  };
  return { effects: [effect], question };
}

/**
 * The run of a flow that a tapped choice belongs to: the one that offers it, and asked last; else whose subject it
 * names; else the newest.
 */
export function runOfChoice(flow: string, choiceId: string, runs: Run[]): Run | undefined {
  const ofFlow = runs.filter((run) => run.flow === flow);
  return (
    runsAsking([...ofFlow].reverse()).find(({ question }) =>
      question?.choices.some(({ id }) => id === choiceId),
    ) ??
    ofFlow.find((run) => subjectOf(run) !== '' && choiceId.includes(subjectOf(run))) ??
    ofFlow.at(-1)
  );
}

/** The id of the choice that a typed number names ("2", "२", "2)"), or undefined. */
export function chosenValue(question: { choices: { id: string }[] }, text: string): string | undefined {
  const digits = /^\s*([1-9१-९])\s*[).]?\s*$/u.exec(text)?.[1];
  if (!digits) return undefined;
  const devanagari = '१२३४५६७८९'.indexOf(digits);
  const position = devanagari >= 0 ? devanagari : Number(digits) - 1;
  return question.choices[position]?.id;
}

/**
 * True when a typed message clearly raises a matter for people, so that a number or a date in it is no answer:
 * "5 lakh off if I book today?" names no budget.
 */
export function isForPeople({ understanding }: HeardMessage): boolean {
  if (understanding.entities.bargains) return true;
  return understanding.intents.some(({ name, confidence }) => {
    const { handling, confidenceFloor } = POLICY[name];
    return name !== 'other' && (handling === 'case' || handling === 'first') && confidence >= confidenceFloor;
  });
}

/** The project a run is about; the engine has parked the run already if it left the portfolio. */
export function projectOf(context: StageContext<{ project: string }>): ProjectFacts {
  const project = context.facts.projects.find((each) => each.slug === context.data.project);
  if (!project) throw new RangeError(`project ${context.data.project} is no longer in the portfolio`);
  return project;
}
