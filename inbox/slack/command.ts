import type { LeadStage, StaffRef, Team } from '../../flows/types.ts';
import type { RemindCommand } from '../../models/campaign.ts';
import type { CaseListName } from '../../models/caseLists.ts';

/** What people ask for in one line, as the bot's side reads it: the same words in Slack and on staff's WhatsApp. */

/** Which buyer is meant. A phone is E.164; a unit is as on its door, in capitals. */
export type BuyerSearch =
  | { kind: 'phone'; phone: string }
  | { kind: 'unit'; unit: string }
  | { kind: 'name'; name: string };

/** A campaign to begin, or one to ask about or to change. */
export type CampaignCommand =
  | RemindCommand
  | { kind: 'campaign'; act: 'status' | 'pause' | 'resume' | 'stop'; campaign: string };

/** What is asked for, registered and due of units that are sold. Days are YYYY-MM-DD, units as on the door. */
export type SaleCommand =
  | {
      kind: 'sale';
      act: 'demand';
      whose: { unit: string } | { tower: string };
      milestone: string;
      certificate?: { by: string; date: string };
      project?: string;
      /** All of a tower are asked only once a person has seen how many they are. */
      isConfirmed?: true;
    }
  | { kind: 'sale'; act: 'agreement'; unit: string; date: string; project?: string }
  | { kind: 'sale'; act: 'dues'; project?: string };
/** What people say of a buyer: where their lead stands (of the project that moved last, if none is named), and tags. */
export type LeadCommand =
  | { kind: 'lead'; search: BuyerSearch; stage: LeadStage; project?: string; reason?: string }
  | { kind: 'tag'; search: BuyerSearch; add: string[]; remove: string[] };

/** `unknown` in help is the word that nobody knows, `nearest` the command that may have been meant. */
export type Command =
  | CampaignCommand
  | SaleCommand
  | { kind: 'book'; search: BuyerSearch }
  | LeadCommand
  | { kind: 'help' }
  | { kind: 'case'; ticket: string }
  | { kind: 'buyer'; search: BuyerSearch }
  | { kind: 'inbox'; list: CaseListName }
  | { kind: 'milestones'; team?: Team }
  | { kind: 'bot'; act: 'pause' | 'resume'; search: BuyerSearch };

/** What was wrong, in words for the person who typed it; `help` when not even the first word was known. */
export type CommandMistake = { error: string; help?: true };

/** Carries out what concerns campaigns; answers in plain words. */
export type CommandRunner = {
  run(command: CampaignCommand, staff: StaffRef): Promise<string>;
};

/** The bot's side of the commands, handed over. */
export type Commands = CommandRunner & {
  /** Carries out what a person says of a buyer, once per `key`; answers in plain words. */
  say(command: LeadCommand, staff: StaffRef & { teams: Team[] }, key: string): Promise<string>;
  parse(text: string): Command | CommandMistake;
  /** One line per command. */
  help: readonly string[];
};
