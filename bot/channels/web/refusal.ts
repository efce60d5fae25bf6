import { ChannelError } from '../channel.ts';
import { TookTooLong } from './limit.ts';

/** What an exception of the page or the browser means for the message. When in doubt it may have gone out. */
export function sendFailure(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  if (error instanceof TookTooLong) return refusal('unknown', 'no_answer', error.message, error);
  const text = error instanceof Error ? error.message : String(error);
  if (/No LID for user|invalid wid/i.test(text))
    return refusal('recipient', 'not_on_whatsapp', 'WhatsApp does not know this recipient', error);
  if (/media-fault|upload failed/i.test(text))
    return refusal('retry', 'upload_failed', 'the document could not be uploaded', error);
  return refusal('unknown', 'page_failed', 'the page of WhatsApp failed during a send', error);
}

/** A `ChannelError`, in short. */
export function refusal(
  errorClass: ChannelError['class'],
  code: string,
  message: string,
  cause?: unknown,
): ChannelError {
  return new ChannelError({ class: errorClass, code, message, ...(cause !== undefined && { cause }) });
}
