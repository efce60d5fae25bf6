/** The pages that a link can open. */
export const PORTAL_PAGES = ['home', 'papers', 'pay', 'visits'] as const;
export type PortalPage = (typeof PORTAL_PAGES)[number];
