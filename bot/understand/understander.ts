import type { Question, Understanding } from '../../flows/types.ts';

/** What is known around a message while it is read. */
export type ReadingContext = {
  now: Date;
  /** IANA name of the zone that "kal 5 baje" is meant in, such as `Asia/Kolkata`. */
  timeZone: string;
  /** The question that the buyer was asked last, when it is still open. */
  question?: Question;
};

/** Reads what a buyer's message means. It only classifies and extracts: it never decides and never writes. */
export interface Understander {
  understand(text: string, context: ReadingContext): Promise<Understanding>;
}
