import { romanise } from './spelling.ts';

const GREETING =
  /^(?:hi+|hello|helo|hlo|hey|namaste|namaskar|good (?:morning|evening|afternoon)|dear|respected)(?: (?:sir|madam|mam|ma'am|ji|team|bhai|there))*[\s,.!-]+(?=\S)/u;
/** Between clauses: punctuation before a space or the end, or a joining word. "Else" stays with what it threatens. */
const BREAK =
  /(?<=\S)[.!?;,\n]+(?:\s+|$)|\n+|\s+(?:and|aur|lekin|magar|but|also|plus|then|phir)\s+|\s*[&|+]\s*|\s+(?=(?:else|otherwise|warna|varna|nahi to|nahin to)\s)/u;

/** The message in Latin letters without an opening salutation, which says nothing about the rest. */
export function withoutGreeting(text: string): string {
  return romanise(text).trim().replace(GREETING, '');
}

/** The clauses of a message; a message of one clause gives itself. Example: "Paid, fix leak else RERA" gives three. */
export function clausesOf(text: string): string[] {
  return text
    .split(BREAK)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
}
