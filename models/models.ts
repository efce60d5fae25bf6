import type { Connection } from 'mongoose';
import { Accounts } from './account.ts';
import { Bookings } from './booking.ts';
import { Buyers } from './buyer.ts';
import { Campaigns } from './campaign.ts';
import { Cases } from './case.ts';
import { Conversations } from './conversation.ts';
import { Corrections } from './correction.ts';
import { Demands } from './demand.ts';
import { Documents } from './document.ts';
import { Files } from './file.ts';
import { Homes } from './home.ts';
import { Inbounds } from './inbound.ts';
import { Leads } from './lead.ts';
import { Leases } from './lease.ts';
import { Ledger } from './ledger.ts';
import { MediaRecords } from './media.ts';
import { Milestones } from './milestone.ts';
import { Notices } from './notice.ts';
import { ChannelStates, Outages } from './outage.ts';
import { Payments } from './payment.ts';
import { PortalCodes } from './portalCode.ts';
import { PortalSessions } from './portalSession.ts';
import { Projects } from './project.ts';
import { Rates } from './rate.ts';
import { Receipts } from './receipt.ts';
import { Recipients } from './recipient.ts';
import { RejectedPayloads } from './rejected.ts';
import { Replies } from './reply.ts';
import { SaleNewsList } from './saleNews.ts';
import { Satisfactions } from './satisfaction.ts';
import { Sends } from './send.ts';
import { SlackEvents } from './slackEvent.ts';
import { StaffMembers } from './staff.ts';
import { Teams } from './team.ts';
import { Timeline } from './timeline.ts';
import { Units } from './unit.ts';
import { Uploads } from './upload.ts';
import { Visits } from './visit.ts';

/** Every collection, on one connection. */
export type Models = MoneyModels & {
  buyers: Buyers;
  campaigns: Campaigns;
  cases: Cases;
  channelStates: ChannelStates;
  conversations: Conversations;
  corrections: Corrections;
  documents: Documents;
  files: Files;
  homes: Homes;
  inbound: Inbounds;
  leads: Leads;
  leases: Leases;
  media: MediaRecords;
  milestones: Milestones;
  notices: Notices;
  outages: Outages;
  portalCodes: PortalCodes;
  portalSessions: PortalSessions;
  projects: Projects;
  recipients: Recipients;
  rejected: RejectedPayloads;
  replies: Replies;
  satisfactions: Satisfactions;
  sends: Sends;
  slackEvents: SlackEvents;
  staff: StaffMembers;
  teams: Teams;
  timeline: Timeline;
  uploads: Uploads;
  visits: Visits;
};

/** The collections of units, bookings and money. */
type MoneyModels = {
  accounts: Accounts;
  bookings: Bookings;
  demands: Demands;
  ledger: Ledger;
  payments: Payments;
  rates: Rates;
  receipts: Receipts;
  saleNews: SaleNewsList;
  units: Units;
};

/** Makes the models; `instance` names this process on the ledger of sends. */
export function createModels(connection: Connection, instance: string): Models {
  const cases = new Cases(connection);
  const files = new Files(connection);
  return {
    ...createMoneyModels(connection),
    buyers: new Buyers(connection),
    campaigns: new Campaigns(connection),
    cases,
    channelStates: new ChannelStates(connection),
    conversations: new Conversations(connection),
    corrections: new Corrections(connection, cases),
    documents: new Documents(connection),
    files,
    homes: new Homes(connection),
    inbound: new Inbounds(connection),
    leads: new Leads(connection),
    leases: new Leases(connection),
    media: new MediaRecords(connection, files),
    milestones: new Milestones(connection),
    notices: new Notices(connection),
    outages: new Outages(connection),
    portalCodes: new PortalCodes(connection),
    portalSessions: new PortalSessions(connection),
    projects: new Projects(connection),
    recipients: new Recipients(connection),
    rejected: new RejectedPayloads(connection),
    replies: new Replies(connection),
    satisfactions: new Satisfactions(connection),
    sends: new Sends(connection, instance),
    slackEvents: new SlackEvents(connection),
    staff: new StaffMembers(connection),
    teams: new Teams(connection),
    timeline: new Timeline(connection),
    uploads: new Uploads(connection),
    visits: new Visits(connection),
  };
}

function createMoneyModels(connection: Connection): MoneyModels {
  const units = new Units(connection);
  const bookings = new Bookings(connection, units);
  const ledger = new Ledger(connection);
  const accounts = new Accounts(connection, ledger);
  const rates = new Rates(connection);
  const receipts = new Receipts(connection);
  const demands = new Demands(connection, { accounts, bookings, rates });
  const payments = new Payments(connection, { accounts, bookings, demands, rates, receipts });
  const saleNews = new SaleNewsList(connection);
  return { accounts, bookings, demands, ledger, payments, rates, receipts, saleNews, units };
}

/** Builds every declared index; existing ones are left as they are. */
export async function buildIndexes(models: Models): Promise<void> {
  for (const { model } of Object.values(models)) await model.createIndexes();
}
