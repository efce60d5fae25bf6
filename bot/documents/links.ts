/** Where staff may look at a document: below the desk, which has its own door. Never a link for buyers. */
export function documentLink(publicUrl: string, document: string): string {
  return `${publicUrl}/desk/documents/${encodeURIComponent(document)}`;
}
