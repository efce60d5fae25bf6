import type { Flow, Stage } from '../flows/engine.ts';
import { FLOWS } from '../flows/registry.ts';
import { TEAMS } from '../flows/types.ts';
import { COPY, COPY_LANGUAGES } from '../templates/messages/message.ts';

/** Draws every flow as a Mermaid diagram, as a page of documentation. */
export function drawFlows(): string {
  const parts = Object.values(FLOWS).map(
    (flow) => `## ${flow.name} (version ${flow.version})\n\n${drawFlow(flow)}\n`,
  );
  return `# Flows\n\nDrawn from the code by \`npm run flows\`; do not edit.\n\n${parts.join('\n')}`;
}

/** What is wrong with the flows as they are written; empty when all is well. */
export function checkFlows(flows: Flow[] = Object.values(FLOWS)): string[] {
  return flows.flatMap((flow) => [...checkStages(flow), ...checkCopy(flow)]);
}

function drawFlow(flow: Flow): string {
  const lines = ['```mermaid', 'stateDiagram-v2', `  [*] --> ${flow.first}`];
  for (const [name, stage] of Object.entries(flow.stages)) {
    for (const next of stage.leadsTo) lines.push(`  ${name} --> ${next}${arrowText(stage, next)}`);
    if (stage.ends) lines.push(`  ${name} --> [*]`);
    lines.push(`  note right of ${name}`, ...noteLines(stage).map((line) => `    ${line}`), '  end note');
  }
  return [...lines, '```'].join('\n');
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
