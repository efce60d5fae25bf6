import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Case } from '../../models/case.ts';
import type { CaseLists } from '../../models/caseLists.ts';

/** Links to the cards of cases. Slack is asked once per place of a card. */
export class CardLinks {
  private readonly parts: { client: WebClient; lists: CaseLists; log: Logger };

  constructor(parts: { client: WebClient; lists: CaseLists; log: Logger }) {
    this.parts = parts;
  }

  /**
   * Links by case id. A card that is not posted yet has none, nor have those that Slack would not tell: a list
   * without a link is better than none.
   */
  async to(cases: Case[]): Promise<Map<string, string>> {
    const links = new Map<string, string>();
    let isAnswering = true;
    for (const each of cases) {
      const known = each.link && isAt(each.link, each.slack) ? each.link.url : undefined;
      const url = known ?? (isAnswering ? await this.ask(each) : undefined);
      if (url) links.set(each._id, url);
      // Every further question to a Slack that is away would take its time.
      else if (each.slack) isAnswering = false;
    }
    return links;
  }

  private async ask({ _id, slack }: Case): Promise<string | undefined> {
    if (!slack) return undefined;
    const { client, lists, log } = this.parts;
    try {
      const { permalink } = await client.chat.getPermalink({ channel: slack.channel, message_ts: slack.ts });
      if (!permalink) return undefined;
      await lists.keepLink(_id, { ...slack, url: permalink });
      return permalink;
    } catch (error) {
      log.warn({ err: error, caseId: _id }, 'Slack gave no link to a card');
      return undefined;
    }
  }
}

/** A case that was handed to another team has a new card. */
function isAt(link: NonNullable<Case['link']>, slack: Case['slack']): boolean {
  return link.channel === slack?.channel && link.ts === slack.ts;
}
