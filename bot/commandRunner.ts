import type { Audience, CampaignCommand, Commands } from '../inbox/slack/command.ts';
import { COMMAND_HELP, parseCommand } from './commands.ts';

/** The commands as Slack is given them. Campaigns come later: they take the place of `run`. */
export function createCommands(): Commands {
  return {
    parse: (text) => parseCommand(text, 'slack'),
    help: COMMAND_HELP.slack,
    run: async (command) =>
      `Campaigns are not there yet, so nothing was done. This was understood: ${campaignMeaning(command)}.`,
  };
}

/** A command in words, so that people see how it was read. */
export function campaignMeaning(command: CampaignCommand): string {
  if (command.kind === 'campaign') return `${command.act} the campaign “${command.campaign}”`;
  const { project, tower, template } = command.filters;
  const parts = [
    `remind ${audienceText(command.audience)}`,
    project && `of the project ${project}`,
    tower && `in tower ${tower}`,
    template && `with the template ${template}`,
    command.at && `at ${command.at}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function audienceText(audience: Audience): string {
  switch (audience.kind) {
    case 'overdue':
      return audience.moreThanDays === 0
        ? 'buyers with an overdue payment'
        : `buyers whose payment is overdue by more than ${days(audience.moreThanDays)}`;
    case 'due':
      return `buyers whose payment is due within ${days(audience.withinDays)}`;
    case 'kycMissing':
      return 'buyers whose KYC papers are missing';
    case 'visits':
      return `buyers with a visit ${audience.day}`;
  }
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
