import type { Connection } from 'mongoose';
import { Buyers } from './buyer.ts';
import { Campaigns } from './campaign.ts';
import { Cases } from './case.ts';
import { Conversations } from './conversation.ts';
import { Corrections } from './correction.ts';
import { Files } from './file.ts';
import { Inbounds } from './inbound.ts';
import { Leads } from './lead.ts';
import { MediaRecords } from './media.ts';
import { Notices } from './notice.ts';
import { ChannelStates, Outages } from './outage.ts';
import { Projects } from './project.ts';
import { Recipients } from './recipient.ts';
import { RejectedPayloads } from './rejected.ts';
import { Sends } from './send.ts';
import { StaffMembers } from './staff.ts';
import { Timeline } from './timeline.ts';
import { Uploads } from './upload.ts';
import { Visits } from './visit.ts';

/** Every collection, on one connection. */
export type Models = {
  buyers: Buyers;
  campaigns: Campaigns;
  cases: Cases;
  channelStates: ChannelStates;
  conversations: Conversations;
  corrections: Corrections;
  files: Files;
  inbound: Inbounds;
  leads: Leads;
  media: MediaRecords;
  notices: Notices;
  outages: Outages;
  projects: Projects;
  recipients: Recipients;
  rejected: RejectedPayloads;
  sends: Sends;
  staff: StaffMembers;
  timeline: Timeline;
  uploads: Uploads;
  visits: Visits;
};

/** Makes the models; `instance` names this process on the ledger of sends. */
export function createModels(connection: Connection, instance: string): Models {
  const cases = new Cases(connection);
  const files = new Files(connection);
  return {
    buyers: new Buyers(connection),
    campaigns: new Campaigns(connection),
    cases,
    channelStates: new ChannelStates(connection),
    conversations: new Conversations(connection),
    corrections: new Corrections(connection, cases),
    files,
    inbound: new Inbounds(connection),
    leads: new Leads(connection),
    media: new MediaRecords(connection, files),
    notices: new Notices(connection),
    outages: new Outages(connection),
    projects: new Projects(connection),
    recipients: new Recipients(connection),
    rejected: new RejectedPayloads(connection),
    sends: new Sends(connection, instance),
    staff: new StaffMembers(connection),
    timeline: new Timeline(connection),
    uploads: new Uploads(connection),
    visits: new Visits(connection),
  };
}

/** Builds every declared index; existing ones are left as they are. */
export async function buildIndexes(models: Models): Promise<void> {
  for (const { model } of Object.values(models)) await model.createIndexes();
}
