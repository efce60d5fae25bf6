import type { Connection } from 'mongoose';
import { Buyers } from './buyer.ts';
import { Cases } from './case.ts';
import { Conversations } from './conversation.ts';
import { Inbounds } from './inbound.ts';
import { Leads } from './lead.ts';
import { Projects } from './project.ts';
import { RejectedPayloads } from './rejected.ts';
import { Sends } from './send.ts';
import { StaffMembers } from './staff.ts';
import { Timeline } from './timeline.ts';
import { Visits } from './visit.ts';

/** Every collection, on one connection. */
export type Models = {
  buyers: Buyers;
  cases: Cases;
  conversations: Conversations;
  inbound: Inbounds;
  leads: Leads;
  projects: Projects;
  rejected: RejectedPayloads;
  sends: Sends;
  staff: StaffMembers;
  timeline: Timeline;
  visits: Visits;
};

/** Makes the models; `instance` names this process on the ledger of sends. */
export function createModels(connection: Connection, instance: string): Models {
  return {
    buyers: new Buyers(connection),
    cases: new Cases(connection),
    conversations: new Conversations(connection),
    inbound: new Inbounds(connection),
    leads: new Leads(connection),
    projects: new Projects(connection),
    rejected: new RejectedPayloads(connection),
    sends: new Sends(connection, instance),
    staff: new StaffMembers(connection),
    timeline: new Timeline(connection),
    visits: new Visits(connection),
  };
}

/** Builds every declared index; existing ones are left as they are. */
export async function buildIndexes(models: Models): Promise<void> {
  for (const { model } of Object.values(models)) await model.createIndexes();
}
