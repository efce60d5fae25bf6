import type { Entries } from './inputs.ts';
import { stateValues } from './inputs.ts';
import type { ShownView, View } from './views.ts';
import type { Message, Workspace } from './workspace.ts';

/** What only one member sees, and only until it is dismissed: ephemeral messages, modals, notices. */

/** What changed on a member's screen. */
export type ScreenChange =
  | { kind: 'ephemeral'; userId: string; message: Message }
  | { kind: 'ephemeralGone'; userId: string; channel: string; ts: string }
  | { kind: 'views'; userId: string }
  | { kind: 'notice'; userId: string; text: string };

/** Slack shows at most three modals on top of each other. */
const MAX_STACK = 3;
const MAX_EPHEMERALS = 50;

export class Screens {
  readonly #workspace: Workspace;
  readonly #ephemerals = new Map<string, Message[]>();
  readonly #stacks = new Map<string, ShownView[]>();
  readonly #listeners = new Set<(change: ScreenChange) => void>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Calls the listener on every change until the returned function is called. */
  onChange(listener: (change: ScreenChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The member's ephemeral messages, oldest first. */
  ephemerals(userId: string): Message[] {
    return this.#ephemerals.get(userId) ?? [];
  }

  /** Shows an ephemeral message, or shows it again after a change. */
  showEphemeral(userId: string, message: Message): void {
    const others = this.ephemerals(userId).filter((known) => known.ts !== message.ts);
    this.#ephemerals.set(userId, [...others, message].slice(-MAX_EPHEMERALS));
    this.#tell({ kind: 'ephemeral', userId, message });
  }

  dismissEphemeral(userId: string, ts: string): void {
    const gone = this.ephemerals(userId).find((message) => message.ts === ts);
    if (!gone) return;
    this.#ephemerals.set(
      userId,
      this.ephemerals(userId).filter((message) => message !== gone),
    );
    this.#tell({ kind: 'ephemeralGone', userId, channel: gone.channel, ts });
  }

  /** The member's modals, the topmost last. */
  stack(userId: string): ShownView[] {
    return this.#stacks.get(userId) ?? [];
  }

  /** A modal by id or by the app's external id, on whoever's screen it is. */
  findView(ref: { viewId?: string | undefined; externalId?: string | undefined }): ShownView | undefined {
    return [...this.#stacks.values()]
      .flat()
      .find((shown) =>
        ref.viewId ? shown.id === ref.viewId : !!ref.externalId && shown.view.external_id === ref.externalId,
      );
  }

  /** Opens a modal, in place of any other. */
  open(userId: string, view: View): ShownView {
    return this.#show([], this.#shown(userId, view));
  }

  /** Puts a modal on top; undefined when the stack is full or empty. */
  push(userId: string, view: View): ShownView | undefined {
    const stack = this.stack(userId);
    const top = stack.at(-1);
    if (!top || stack.length >= MAX_STACK) return undefined;
    return this.#show(stack, { ...this.#shown(userId, view), rootId: top.rootId, previousId: top.id });
  }

  /** Replaces what a modal shows. Entries stay where block and action ids stay. */
  update(shown: ShownView, view: View): ShownView {
    const next: ShownView = {
      ...shown,
      view,
      hash: this.#workspace.nextTs(),
      values: stateValues(view.blocks, {}),
    };
    this.#stacks.set(
      shown.userId,
      this.stack(shown.userId).map((known) => (known.id === shown.id ? next : known)),
    );
    this.#tell({ kind: 'views', userId: shown.userId });
    return next;
  }

  /** Notes what the member has entered so far. */
  enter(shown: ShownView, entries: Entries): void {
    shown.values = stateValues(shown.view.blocks, entries);
  }

  /** Takes a modal, and those above it, off the screen; without an id, all of them. */
  close(userId: string, viewId?: string): ShownView[] {
    const stack = this.stack(userId);
    const at = viewId === undefined ? 0 : stack.findIndex((shown) => shown.id === viewId);
    if (at < 0) return [];
    this.#stacks.set(userId, stack.slice(0, at));
    this.#tell({ kind: 'views', userId });
    return stack.slice(at);
  }

  /** Tells the member something in the voice of the client, such as an app that did not answer. */
  notice(userId: string, text: string): void {
    this.#tell({ kind: 'notice', userId, text });
  }

  #shown(userId: string, view: View): ShownView {
    const id = this.#workspace.nextId('V');
    return {
      id,
      rootId: id,
      userId,
      view,
      hash: this.#workspace.nextTs(),
      values: stateValues(view.blocks, {}),
    };
  }

  #show(below: ShownView[], shown: ShownView): ShownView {
    this.#stacks.set(shown.userId, [...below, shown]);
    this.#tell({ kind: 'views', userId: shown.userId });
    return shown;
  }

  #tell(change: ScreenChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
