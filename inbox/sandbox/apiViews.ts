import { z } from 'zod';
import { ApiError, type ApiMethod, type Arguments, json, readArgs } from './apiArguments.ts';
import type { Screens } from './screens.ts';
import type { Trigger, Triggers } from './triggers.ts';
import { judgeView, type ShownView, type View } from './views.ts';
import type { WireFormat } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** `views.*`. */

export type ViewParts = { workspace: Workspace; screens: Screens; triggers: Triggers; wire: WireFormat };

const openArgs = z.object({ trigger_id: z.string(), view: json });
const updateArgs = z.object({
  view_id: z.string().optional(),
  external_id: z.string().optional(),
  hash: z.string().optional(),
  view: json,
});
const publishArgs = z.object({ user_id: z.string(), hash: z.string().optional(), view: json });

export function viewMethods(parts: ViewParts): Record<string, ApiMethod> {
  return {
    'views.open': (args) => answer(parts, open(parts, args)),
    'views.push': (args) => answer(parts, push(parts, args)),
    'views.update': (args) => answer(parts, update(parts, args)),
    'views.publish': (args) => answer(parts, publish(parts, args)),
  };
}

/** A checked view. @throws ApiError `invalid_arguments`, `view_too_large` */
export function checkedView(workspace: Workspace, input: unknown, type: 'modal' | 'home'): View {
  const judged = judgeView(input, type, () => workspace.nextId('x'));
  if (!judged.ok) throw new ApiError(judged.code, judged.messages);
  return judged.value;
}

function open(parts: ViewParts, args: Arguments): ShownView {
  const { view, trigger } = triggered(parts, args);
  return parts.screens.open(trigger.userId, view);
}

function push(parts: ViewParts, args: Arguments): ShownView {
  const { view, trigger } = triggered(parts, args);
  if (!trigger.viewId) throw new ApiError('invalid_trigger_id');
  const shown = parts.screens.push(trigger.userId, view);
  if (!shown) throw new ApiError('push_limit_reached');
  return shown;
}

function update({ workspace, screens }: ViewParts, args: Arguments): ShownView {
  const given = readArgs(updateArgs, args);
  const view = checkedView(workspace, given.view, 'modal');
  const shown = screens.findView({ viewId: given.view_id, externalId: given.external_id });
  if (!shown) throw new ApiError('not_found');
  if (given.hash !== undefined && given.hash !== shown.hash) throw new ApiError('hash_conflict');
  return screens.update(shown, view);
}

function publish({ workspace }: ViewParts, args: Arguments): ShownView {
  const given = readArgs(publishArgs, args);
  if (!workspace.members.has(given.user_id)) throw new ApiError('user_not_found');
  const view = checkedView(workspace, given.view, 'home');
  const known = workspace.homes.get(given.user_id);
  if (given.hash !== undefined && known && given.hash !== known.hash) throw new ApiError('hash_conflict');
  const id = known?.id ?? workspace.nextId('V');
  const home = { id, rootId: id, userId: given.user_id, hash: workspace.nextTs(), view, values: {} };
  workspace.setHome(given.user_id, home);
  return home;
}

/** The view is checked first: a faulty one leaves the trigger unused, so that a test sees the true fault. */
function triggered(
  { workspace, screens, triggers }: ViewParts,
  args: Arguments,
): { view: View; trigger: Trigger } {
  const given = readArgs(openArgs, args);
  const view = checkedView(workspace, given.view, 'modal');
  if (view.external_id && screens.findView({ externalId: view.external_id })) {
    throw new ApiError('duplicate_external_id');
  }
  const exchange = triggers.exchange(given.trigger_id);
  if (!exchange.ok) throw new ApiError(exchange.code);
  return { view, trigger: exchange.trigger };
}

function answer({ wire }: ViewParts, shown: ShownView): Record<string, unknown> {
  return { view: wire.view(shown) };
}
