/** The invented team and channels with which a local workspace starts. */

/** A person of the team, as the workspace knows them. `team` is one of the product's six teams. */
export type Member = {
  id: string;
  /** The short name people type after an at sign. */
  name: string;
  realName: string;
  title: string;
  email: string;
  team: string;
};

/** A channel to start with. Every member and the app belong to it, unless `members` (user ids) says who does. */
export type ChannelSeed = { id: string; name: string; topic: string; members?: string[] };

/** Stable ids of the seeded channels by team, for `SLACK_CHANNEL_*` in the sandbox. */
export const TEAM_CHANNELS = {
  sales: 'C0SALES0001',
  collections: 'C0COLLECT01',
  operations: 'C0OPERATE01',
  legal: 'C0LEGAL0001',
  site: 'C0SITE00001',
  support: 'C0SUPPORT01',
} as const;

export const DEFAULT_CHANNELS: ChannelSeed[] = [
  { id: TEAM_CHANNELS.sales, name: 'sales', topic: 'Enquiries, visits and bookings' },
  { id: TEAM_CHANNELS.collections, name: 'collections', topic: 'Demands, payments and promises' },
  { id: TEAM_CHANNELS.operations, name: 'operations', topic: 'Documents, loans and agreements' },
  { id: TEAM_CHANNELS.legal, name: 'legal', topic: 'Drafts, registration and disputes' },
  { id: TEAM_CHANNELS.site, name: 'site', topic: 'Progress, inspections and snags' },
  { id: TEAM_CHANNELS.support, name: 'support', topic: 'Everything after the keys' },
];

export const DEFAULT_MEMBERS: Member[] = [
  member('U0RIYASALES', 'riya', 'Riya Malhotra', 'Relationship manager', 'sales'),
  member('U0ARJUNSALE', 'arjun', 'Arjun Nair', 'Relationship manager', 'sales'),
  member('U0FARAHCOLL', 'farah', 'Farah Khan', 'Collections lead', 'collections'),
  member('U0VIKRAMOPS', 'vikram', 'Vikram Joshi', 'Operations manager', 'operations'),
  member('U0MEERALEGL', 'meera', 'Adv. Meera Iyer', 'Legal counsel', 'legal'),
  member('U0SANJAYSIT', 'sanjay', 'Sanjay Patil', 'Site engineer', 'site'),
  member('U0LEELASUPP', 'leela', 'Leela Thomas', 'Customer support', 'support'),
];

/** The app's own identity in every local workspace. */
export const APP = {
  appId: 'A0BATON0001',
  botId: 'B0BATON0001',
  botUserId: 'U0BATONBOT1',
  name: 'Baton',
} as const;

export const WORKSPACE = { id: 'T0BATON0001', domain: 'team-inbox', name: 'Team inbox' } as const;

function member(id: string, name: string, realName: string, title: string, team: string): Member {
  return { id, name, realName, title, email: `${name}@example.com`, team };
}
