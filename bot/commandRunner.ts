import type { CommandRunner, Commands } from '../inbox/slack/command.ts';
import { commandWords } from '../models/campaignWords.ts';
import { COMMAND_HELP, parseCommand } from './commands.ts';

/** The commands as Slack is given them; `campaigns` carries out what concerns campaigns. */
export function createCommands(campaigns: CommandRunner): Commands {
  return {
    parse: (text) => parseCommand(text, 'slack'),
    help: COMMAND_HELP.slack,
    run: async (command, staff) => {
      const answer = await campaigns.run(command, staff);
      // So that people see how it was read.
      return command.kind === 'remind' ? `Understood: remind ${commandWords(command)}.\n${answer}` : answer;
    },
  };
}
