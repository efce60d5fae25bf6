import { isDay } from '../flows/money/day.ts';
import type { CommandMistake, SaleCommand } from '../inbox/slack/command.ts';
import { unexpected, type Words } from './commandText.ts';

/** The commands about units that are sold and their money: what is asked for, registered, and due. Pure. */

const DOOR = /^[a-z]{0,3}\d{0,2}[-/]?\d{1,5}[a-z]?$/i;
const TOWER = /^[\p{L}\p{Nd}]+(?:[ -][\p{L}\p{Nd}]+)*$/u;
const MILESTONE = /^[a-z][a-z0-9_]{1,39}$/;
const PROJECT = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MOST_BY_CHARACTERS = 100;

/** `demand B-1203 slab_2 certificate:"Anand Rao",2026-11-20`, or `demand tower:B slab_2 … confirm` for all of a tower. */
export function readDemand(words: Words): SaleCommand | CommandMistake {
  const first = words.next();
  const tower = /^tower:(.+)$/i.exec(first ?? '')?.[1]?.trim();
  const isTower = tower !== undefined && TOWER.test(tower);
  if (!isTower && !DOOR.test(first ?? '')) return unexpected(first, 'a unit such as B-1203, or tower:B');
  const milestone = words.next()?.toLowerCase();
  if (!milestone || !MILESTONE.test(milestone))
    return unexpected(milestone, 'a milestone of its plan, such as slab_2');
  const command: SaleCommand = {
    kind: 'sale',
    act: 'demand',
    whose: isTower ? { tower: tower.toUpperCase() } : { unit: (first ?? '').toUpperCase() },
    milestone,
  };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const mistake = readMore(command, word);
    if (mistake) return mistake;
  }
  return command;
}

/** `agreement B-1203 2026-11-20` */
export function readAgreement(words: Words): SaleCommand | CommandMistake {
  const unit = words.next();
  if (!unit || !DOOR.test(unit)) return unexpected(unit, 'a unit such as B-1203');
  const date = words.next();
  if (!date || !isDay(date)) return unexpected(date, 'the day of registration, such as 2026-11-20');
  const project = readProject(words);
  if (typeof project === 'object') return project;
  return { kind: 'sale', act: 'agreement', unit: unit.toUpperCase(), date, ...(project && { project }) };
}

/** `dues` or `dues greenfield-heights` */
export function readDues(words: Words): SaleCommand | CommandMistake {
  const word = words.next()?.toLowerCase();
  if (word === undefined) return { kind: 'sale', act: 'dues' };
  const project = word.replace(/^project:/, '');
  return PROJECT.test(project)
    ? { kind: 'sale', act: 'dues', project }
    : unexpected(word, 'a project such as greenfield-heights');
}

function readMore(
  command: Extract<SaleCommand, { act: 'demand' }>,
  word: string,
): CommandMistake | undefined {
  const [, name = '', value = ''] = /^(certificate|project):(.+)$/is.exec(word) ?? [];
  switch (name.toLowerCase()) {
    case 'certificate': {
      const [, by = '', date = ''] = /^(.+),\s*([\d-]+)$/s.exec(value) ?? [];
      if (by.trim() === '' || by.length > MOST_BY_CHARACTERS || !isDay(date))
        return unexpected(word, 'certificate:"<who certified it>",<day as 2026-11-20>');
      command.certificate = { by: by.trim(), date };
      return undefined;
    }
    case 'project':
      if (!PROJECT.test(value.toLowerCase())) return unexpected(word, 'project:greenfield-heights');
      command.project = value.toLowerCase();
      return undefined;
    default:
      if (word.toLowerCase() !== 'confirm')
        return unexpected(word, 'certificate:, project: or confirm', ['certificate:', 'project:', 'confirm']);
      command.isConfirmed = true;
      return undefined;
  }
}

function readProject(words: Words): string | undefined | CommandMistake {
  const word = words.peek();
  if (word === undefined) return undefined;
  const project = /^project:(.+)$/i.exec(word)?.[1]?.toLowerCase();
  if (project === undefined || !PROJECT.test(project)) return unexpected(word, 'project:greenfield-heights');
  words.skip(1);
  return project;
}
