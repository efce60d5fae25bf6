import { COPY } from '../../templates/messages/message.ts';
import type { AudienceSource } from './audience.ts';

/** Which approved copy a campaign may send. */

/** The template that was named, if it fits the audience, or the usual one; undefined when there is none such. */
export function resolveTemplate(named: string | undefined, source: AudienceSource): string | undefined {
  const template = named ?? source.templates[0];
  return source.templates.includes(template) && Object.hasOwn(COPY, template) ? template : undefined;
}

/** The variables of a template that an audience does not fill, or fills with something else. */
export function missingVariables(template: string, { gives }: Pick<AudienceSource, 'gives'>): string[] {
  const given = { name: 'buyerName', ...gives };
  return Object.entries(COPY[template]?.variables ?? {}).flatMap(([name, type]) =>
    given[name as keyof typeof given] === type ? [] : [name],
  );
}
