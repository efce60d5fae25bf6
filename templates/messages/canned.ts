/** Approved copy that people may send in their own name, as they see it in a menu. */

export type Canned = {
  title: string;
  /** What the person who sends it has to say, by variable; everything else is known. */
  asks: Record<string, string>;
};

/** By copy key, in the order of the menu. */
export const CANNED: Readonly<Record<string, Canned>> = {
  call_back_time: { title: 'We call back at a time', asks: { at: 'When you will call' } },
  update_soon: { title: 'Still working on it', asks: { at: 'By when they hear from us' } },
  document_received: { title: 'Document received', asks: { document: 'What you have received' } },
  payment_reference_needed: { title: 'Payment reference needed', asks: {} },
  payment_how: {
    title: 'How to pay: the official way follows',
    asks: { respondWithinMinutes: 'Within how many hours' },
  },
  kyc_channel: {
    title: 'Identity papers: not in this chat',
    asks: { respondWithinMinutes: 'Within how many hours the link comes' },
  },
  noc_in_progress: { title: 'NOC in progress', asks: { at: 'By when they get the next update' } },
  visit_follow_up: { title: 'After a visit', asks: {} },
  meeting_invite: { title: 'Invitation to a meeting', asks: { at: 'When', place: 'Where' } },
  location: { title: 'Where the project is', asks: {} },
  closing_check: { title: 'Is everything settled?', asks: {} },
};
