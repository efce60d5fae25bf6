import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { connectDatabase } from '../models/connect.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import { readConfig } from './config.ts';
import { EXAMPLE_TEAM, setupOf, teamSchema } from './teamFile.ts';

const USAGE = 'usage: npm run team -- publish <file.json> | show | example';

/**
 * `npm run team`: publishes the hours, holidays, lead and members of a team, shows what was published, or prints an
 * example file. Exit code 2 with the field and the reason when the file is wrong; then nothing has changed.
 */
async function team([command, argument]: string[]): Promise<string> {
  if (command === 'example') return JSON.stringify(EXAMPLE_TEAM, null, 2);
  if (command !== 'show' && (command !== 'publish' || !argument)) throw new Error(USAGE);
  const file = command === 'publish' && argument ? await readTeam(argument) : undefined;
  const config = readConfig(process.env);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const database = await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    const models = createModels(database.connection, 'team');
    await buildIndexes(models);
    if (!file) return await show(models);
    return await publish(models, file, config.timeZone);
  } finally {
    await database.close();
  }
}

/** One team as a file that can be published again, several as a list of such files. */
async function show({ teams }: Models): Promise<string> {
  const files = (await teams.published()).map(({ file }) => file);
  if (files.length === 0) return 'no team is published: all of them work Monday to Saturday, 10:00 to 19:00';
  return JSON.stringify(files.length === 1 ? files[0] : files, null, 2);
}

/** The people first: who leads a team that is not published yet can do no harm. */
async function publish(models: Models, file: unknown, timeZone: string): Promise<string> {
  const setup = setupOf(teamSchema.parse(file), timeZone);
  const leads = [setup.lead, setup.deputy].filter((each) => each !== undefined);
  await models.staff.appoint(setup.team, { leads, members: setup.members }, new Date());
  await models.teams.publish(setup.team, file);
  return `${setup.team} is published, with ${setup.members.length} members`;
}

/** The file as it was written, once it has been found in order. */
async function readTeam(path: string): Promise<unknown> {
  const file: unknown = JSON.parse(await readFile(path, 'utf8'));
  const parsed = teamSchema.safeParse(file);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return file;
}

team(process.argv.slice(2)).then(
  (words) => process.stdout.write(`${words}\n`),
  (error: unknown) => {
    process.stderr.write(`team: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
  },
);
