import type { CommandRunner, Commands } from '../inbox/slack/command.ts';
import { commandWords } from '../models/campaignWords.ts';
import { COMMAND_HELP, parseCommand } from './commands.ts';
import type { LeadDesk } from './leadDesk.ts';

/** The commands as Slack is given them; `campaigns` carries out what concerns campaigns, `leads` what is said of buyers. */
export function createCommands(campaigns: CommandRunner, leads: Pick<LeadDesk, 'run'>): Commands {
  return {
    parse: (text) => parseCommand(text, 'slack'),
    help: COMMAND_HELP.slack,
    say: leads.run.bind(leads),
    run: async (command, staff) => {
      const answer = await campaigns.run(command, staff);
      // So that people see how it was read.
      return command.kind === 'remind' ? `Understood: remind ${commandWords(command)}.\n${answer}` : answer;
    },
  };
}
