import type { Flow, Stage } from '../flows/engine.ts';
import type { Milestone } from '../flows/milestones.ts';
import { FLOWS } from '../flows/registry.ts';
import { TEAMS } from '../flows/types.ts';
import { COPY, COPY_LANGUAGES } from '../templates/messages/message.ts';

/** Draws every flow as a Mermaid diagram, as a page of documentation. */
export function drawFlows(flows: Flow[] = Object.values(FLOWS)): string {
  const parts = flows.map((flow) => `## ${flow.name} (version ${flow.version})\n\n${drawFlow(flow)}\n`);
  return `# Flows\n\nDrawn from the code by \`npm run flows\`; do not edit.\n\n${parts.join('\n')}`;
}

/** What is wrong with the flows as they are written; empty when all is well. */
export function checkFlows(flows: Flow[] = Object.values(FLOWS)): string[] {
  return flows.flatMap((flow) => [...checkStages(flow), ...checkMilestones(flow), ...checkCopy(flow)]);
}

function drawFlow(flow: Flow): string {
  const lines = ['```mermaid', 'stateDiagram-v2', `  [*] --> ${flow.first}`];
  for (const [name, stage] of Object.entries(flow.stages)) {
    for (const next of stage.leadsTo) lines.push(`  ${name} --> ${next}${arrowText(stage, next)}`);
    if (stage.ends) lines.push(`  ${name} --> [*]`);
    lines.push(`  note right of ${name}`, ...noteLines(stage).map((line) => `    ${line}`), '  end note');
  }
  return [...lines, '```', ...milestoneLines(flow)].join('\n');
}

/** The milestones as a table, as far as they are known without running the flow: a deadline depends on the run. */
function milestoneLines({ milestones = {} }: Flow): string[] {
  const rows = Object.entries(milestones).map(([name, milestone]) => {
    const { owner, reachedIn, droppedIn = [], after = [] } = milestone;
    const told = milestone.escalation?.team ?? owner;
    const cells = [name, owner, after.join(', '), reachedIn.join(', '), droppedIn.join(', '), told];
    return `| ${cells.map((cell) => cell || '-').join(' | ')} |`;
  });
  if (rows.length === 0) return [];
  const head = '| Milestone | Owner | After | Reached in | Dropped in | When late |';
  return [
    '',
    'A milestone that is open when the run ends is dropped.',
    '',
    head,
    '| - | - | - | - | - | - |',
    ...rows,
  ];
}

/** What a reader can know of a stage without running it. */
function noteLines(stage: Stage<Record<string, unknown>>): string[] {
  const hears = Object.keys(stage.intents ?? {});
  const reminders = (stage.reminders ?? []).map((reminder) => reminder.name);
  return [
    `owner: ${stage.owner}`,
    ...(stage.answer ? ['takes the answer to its question'] : []),
    ...(hears.length > 0 ? [`hears: ${hears.join(', ')}`] : []),
    ...(reminders.length > 0 ? [`reminds: ${reminders.join(', ')}`] : []),
    ...(stage.deadline ? ['has a deadline'] : []),
  ];
}

function arrowText(stage: Stage<Record<string, unknown>>, next: string): string {
  const isOnlyWay = stage.leadsTo.length === 1;
  return isOnlyWay && !stage.answer && !stage.intents
    ? ` : at once`
    : next === 'abandoned'
      ? ' : deadline'
      : '';
}

function checkStages(flow: Flow): string[] {
  const reached = reachable(flow);
  return Object.entries(flow.stages).flatMap(([name, stage]) => {
    const at = `${flow.name}.${name}`;
    const unknown = stage.leadsTo.filter((next) => !flow.stages[next]);
    return [
      ...(reached.has(name) ? [] : [`${at} can never be reached`]),
      ...(stage.ends || stage.leadsTo.length > 0 ? [] : [`${at} has no way out`]),
      ...unknown.map((next) => `${at} leads to ${next}, which does not exist`),
      ...((TEAMS as readonly string[]).includes(stage.owner) ? [] : [`${at} has no owner`]),
    ];
  });
}

function checkMilestones(flow: Flow): string[] {
  const milestones = flow.milestones ?? {};
  const reached = reachable(flow);
  return Object.entries(milestones).flatMap(([name, milestone]) => {
    const at = `milestone ${flow.name}.${name}`;
    const { reachedIn, droppedIn = [], after = [] } = milestone;
    const unknown = [...reachedIn, ...droppedIn].filter((stage) => !flow.stages[stage]);
    const isReachable = reachedIn.some((stage) => reached.has(stage));
    return [
      ...unknown.map((stage) => `${at} names stage ${stage}, which does not exist`),
      ...after
        .filter((each) => !milestones[each])
        .map((each) => `${at} is after ${each}, which does not exist`),
      ...(isReachable ? [] : [`${at} can never be reached`]),
      ...(waitsForItself(milestones, name) ? [`${at} waits for itself`] : []),
      ...teamsOf(milestone)
        .filter((team) => !(TEAMS as readonly string[]).includes(team))
        .map((team) => `${at} belongs to ${team}, which is no team`),
    ];
  });
}

function teamsOf({ owner, escalation }: Milestone<Record<string, unknown>>): string[] {
  return [...new Set([owner, ...(escalation?.team ? [escalation.team] : [])])];
}

function waitsForItself(milestones: NonNullable<Flow['milestones']>, name: string): boolean {
  const before = new Set<string>();
  const open = [...(milestones[name]?.after ?? [])];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (each === name) return true;
    if (before.has(each)) continue;
    before.add(each);
    open.push(...(milestones[each]?.after ?? []));
  }
  return false;
}

function reachable(flow: Flow): Set<string> {
  const reached = new Set<string>();
  const open = [flow.first];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(flow.stages[name]?.leadsTo ?? []));
  }
  return reached;
}

function checkCopy(flow: Flow): string[] {
  return flow.copy.flatMap((key) => {
    const copy = COPY[key];
    if (!copy) return [`${flow.name} uses copy ${key}, which does not exist`];
    return COPY_LANGUAGES.filter((language) => !copy[language]).map(
      (language) => `copy ${key} is missing in ${language}`,
    );
  });
}
