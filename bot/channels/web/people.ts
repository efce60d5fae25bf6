import type { Handle } from '../channel.ts';
import type { WebClient } from './client.ts';
import { within } from './limit.ts';
import { handleOfChat } from './message.ts';

const MOST_KNOWN = 20_000;
const LIMIT_MS = 3_000;
/** Who could not be looked up is asked for again after this. */
const UNKNOWN_FOR_MS = 5 * 60_000;

/** Which phone belongs to which anonymous id (lid), as far as WhatsApp tells. */
export class People {
  readonly #known = new Map<string, Promise<Handle[]>>();
  #client: WebClient | undefined;

  /** Asks this client from now on. */
  ask(client: WebClient): void {
    this.#client = client;
  }

  /** The other handles of a chat's person; none when they are not known. Never rejects. */
  alsoKnownAs(chatId: string): Promise<Handle[]> {
    const known = this.#known.get(chatId);
    if (known) return known;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const asked = this.#lookUp(chatId).catch((): Handle[] => {
      setTimeout(() => this.#known.delete(chatId), UNKNOWN_FOR_MS).unref();
      return [];
    });
    this.#known.set(chatId, asked);
    return asked;
  }

  async #lookUp(chatId: string): Promise<Handle[]> {
    const asked = this.#client?.getContactLidAndPhone([chatId]) ?? Promise.resolve([]);
    const [person] = await within(LIMIT_MS, 'looking a person up', asked);
    const ids = [person?.pn, person?.lid].filter((id) => id && id !== chatId);
    return ids.flatMap((id) => handleOfChat(id ?? '') ?? []);
  }
}
