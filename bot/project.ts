import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { connectDatabase } from '../models/connect.ts';
import { buildIndexes, createModels } from '../models/models.ts';
import { projectSchema } from '../templates/documents/project.ts';
import { readConfig } from './config.ts';
import { DEMO_PROJECT } from './demo.ts';

const USAGE = 'usage: npm run project -- publish <file.json> | withdraw <slug> | example';

/**
 * `npm run project`: puts a project on sale, takes one off, or prints an example file. The first real project
 * takes the demo project's place. Exit code 2 with the field and the reason when the file is wrong.
 */
async function project([command, argument]: string[]): Promise<string> {
  if (command === 'example') return JSON.stringify(DEMO_PROJECT, null, 2);
  if (!argument || (command !== 'publish' && command !== 'withdraw')) throw new Error(USAGE);
  const facts = command === 'publish' ? await readProject(argument) : undefined;
  const config = readConfig(process.env);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const database = await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    const models = createModels(database.connection, 'project');
    await buildIndexes(models);
    if (!facts) {
      const isWithdrawn = await models.projects.withdraw(argument);
      if (!isWithdrawn) throw new Error(`no project ${argument} is on sale`);
      return `${argument} is off sale`;
    }
    await models.projects.publish(facts.slug, facts);
    if (facts.slug !== DEMO_PROJECT.slug) await models.projects.withdraw(DEMO_PROJECT.slug);
    return `${facts.slug} is on sale`;
  } finally {
    await database.close();
  }
}

async function readProject(file: string) {
  const parsed = projectSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

project(process.argv.slice(2)).then(
  (words) => process.stdout.write(`${words}\n`),
  (error: unknown) => {
    process.stderr.write(`project: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
  },
);
