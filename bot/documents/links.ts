/** Where staff may look at a document: below the desk, which has its own door. Never a link for buyers. */
export function documentLink(document: string): string {
  return `/desk/documents/${encodeURIComponent(document)}`;
}
