import { ChannelError, type ChannelErrorClass, type Handle, type OutboundContent } from '../channel.ts';
import type { Phone } from './message.ts';

/** What the sandbox can carry: as the Cloud API does, so that a flow that works here works there. */
export const SANDBOX_CAPS = {
  templates: true,
  maxChoices: 10,
  window24h: true,
  backfill: false,
  maxDocumentBytes: 100 * 1024 * 1024,
};

const WINDOW_MS = 24 * 60 * 60 * 1000;

/** The number to send to. Throws `ChannelError` of class `recipient` for any other handle. */
export function recipientNumber(to: Handle): string {
  if (to.kind === 'pn' && /^\+[1-9]\d{6,14}$/.test(to.value)) return to.value;
  throw new ChannelError({
    class: 'recipient',
    code: '131026',
    message: 'The sandbox reaches phone numbers only.',
  });
}

/** Throws `ChannelError` of class `window` when the buyer last wrote more than 24 h ago, or never. */
export function refuseOutsideWindow(phone: Phone | undefined, now: Date): void {
  const last = phone?.messages.findLast(({ from }) => from === 'buyer');
  if (last && now.getTime() - new Date(last.at).getTime() <= WINDOW_MS) return;
  throw new ChannelError({
    class: 'window',
    code: '131047',
    message: 'More than 24 hours have passed since the buyer last wrote: a template is needed.',
  });
}

/** Throws `ChannelError` of class `template` for content that no retry can make fit. */
export function refuseOversize(content: OutboundContent): void {
  const { maxChoices, maxDocumentBytes } = SANDBOX_CAPS;
  if (content.kind === 'choices' && (content.choices.length < 1 || content.choices.length > maxChoices)) {
    throw new ChannelError({
      class: 'template',
      code: '131009',
      message: `Choices must be 1 to ${maxChoices}.`,
    });
  }
  const document = 'document' in content ? content.document : undefined;
  if (document && document.bytes.length > maxDocumentBytes) {
    throw new ChannelError({
      class: 'template',
      code: '131053',
      message: 'The document is larger than 100 MB.',
    });
  }
}

const FAULTS: Record<ChannelErrorClass, { code: string; retryAfterMs?: number }> = {
  retry: { code: '133004' },
  rate: { code: '130429', retryAfterMs: 1_000 },
  window: { code: '131047' },
  recipient: { code: '131026' },
  template: { code: '132001' },
  auth: { code: '190' },
  blocked: { code: '368' },
  unknown: { code: '131000' },
};

/** The error of a fault on demand, under the Cloud API's code for its class. */
export function toFault(errorClass: ChannelErrorClass): ChannelError {
  return new ChannelError({
    class: errorClass,
    ...FAULTS[errorClass],
    message: 'The sandbox was told to fail.',
  });
}
