import { outstandingOf } from '../../flows/money/account.ts';
import { momentOf } from '../../flows/money/day.ts';
import { tdsOn } from '../../flows/money/tds.ts';
import type { Language } from '../../flows/types.ts';
import type { Booking } from '../../models/booking.ts';
import type { Models } from '../../models/models.ts';
import { renderDemandLetter } from '../../templates/documents/demandLetter.ts';
import { type Project, virtualAccountOf } from '../../templates/documents/project.ts';
import { renderReceipt } from '../../templates/documents/receipt.ts';

/** Demand letters and receipts, made from the books at the moment of sending. */

export type MoneyPapersParts = {
  models: Pick<
    Models,
    'accounts' | 'bookings' | 'buyers' | 'demands' | 'payments' | 'rates' | 'receipts' | 'units'
  >;
  projectOf: (slug: string) => Promise<Project | undefined>;
  timeZone: string;
};

/** A paper with its name, and what its caption says besides: facts of the books. */
export type MoneyPaper = {
  document: { fileName: string; mimeType: string; bytes: Buffer };
  facts: Record<string, string | number>;
};

/** The papers of a booking's money. Interest is for people to decide upon: none of them shows any. */
export class MoneyPapers {
  private readonly parts: MoneyPapersParts;

  constructor(parts: MoneyPapersParts) {
    this.parts = parts;
  }

  /** The letter that asks for a demand, with `payUrl` as the way to pay. Throws for one that was withdrawn. */
  async demandLetter(id: string, language: Language, payUrl: string): Promise<MoneyPaper> {
    const { models } = this.parts;
    const { booking, issuer, buyers, unit, money } = await this.saleOf(id.slice(0, id.lastIndexOf(':')));
    const account = await models.accounts.of(booking._id);
    const demand = account.demands.find(({ _id }) => _id === id);
    if (!demand || demand.status === 'withdrawn') throw new Error(`demand ${id} does not stand`);
    const earlier = account.demands.filter(({ raisedAt }) => raisedAt < demand.raisedAt);
    const tds = tdsOn(await models.rates.rows(), baseOf(booking), demand.principalPaise, demand.raisedOn);
    const { bank, beneficiary, ifsc } = money.account;
    const bytes = await renderDemandLetter(
      {
        issuer,
        buyers,
        unit,
        number: id,
        date: demand.raisedOn,
        dueOn: demand.dueOn,
        agreement: {
          clause: money.demandClause,
          ...(booking.agreement && { date: booking.agreement.registeredOn }),
        },
        milestone: demand.milestone,
        ...(demand.certificate && { certificate: demand.certificate }),
        previousDuePaise: earlier.reduce((total, each) => total + outstandingOf(each), 0),
        principalPaise: demand.principalPaise,
        gstPaise: demand.gstPaise,
        gstBps: demand.gstBps,
        receivedPaise: demand.paidPaise,
        ...(tds && demand.tdsPaise > 0 && { tds: { ...wordsOf(tds), paise: demand.tdsPaise } }),
        payUrl,
        account: { beneficiary, bank, ifsc, number: virtualAccountOf(money, unit.number) },
      },
      language === 'hi' ? 'hi' : 'en',
    );
    return { document: pdf(`demand-letter-${unit.number}-${demand.milestone}`, bytes), facts: {} };
  }

  /** The receipt of this number, of a payment that a person has confirmed. */
  async receipt(number: string, language: Language): Promise<MoneyPaper> {
    const { models, timeZone } = this.parts;
    const receipt = await models.receipts.byId(number);
    const payment = receipt && (await models.payments.byId(receipt.payment));
    const allocation = payment && (await models.payments.allocation(payment));
    if (!receipt || !payment || !allocation) throw new Error(`there is no receipt ${number}`);
    const { issuer, buyers, unit } = await this.saleOf(receipt.booking);
    const { demands } = await models.accounts.of(receipt.booking);
    const milestones = new Map(demands.map(({ _id, milestone }) => [_id, milestone]));
    const date = momentOf(receipt.issuedAt, timeZone).on;
    const { amountPaise, mode = 'neft', receivedOn = date, utr } = payment;
    const bytes = await renderReceipt(
      {
        issuer,
        buyers,
        unit,
        number,
        date,
        payer: payerOf(buyers.names, mode),
        mode,
        reference: utr ?? '-',
        realisedOn: receivedOn,
        amountPaise,
        parts: allocation.parts.map(({ demand, amountPaise: partPaise }) => ({
          demand,
          milestone: milestones.get(demand) ?? demand,
          amountPaise: partPaise,
        })),
        advancePaise: allocation.advancePaise,
      },
      language === 'hi' ? 'hi' : 'en',
    );
    const name = `receipt-${number.replace(/[^\w-]+/g, '-')}`;
    return { document: pdf(name, bytes), facts: { amountPaise, receipt: number } };
  }

  /** What every paper of a booking has. */
  private async saleOf(id: string) {
    const { models, projectOf } = this.parts;
    const booking = await models.bookings.byId(id);
    const unit = booking && (await models.units.byId(booking.unit));
    const project = booking && (await projectOf(booking.project));
    if (!booking || !unit || !project?.money)
      throw new Error(`booking ${id} has no papers: project or unit is gone`);
    const known = await models.buyers.namesOf(booking.buyers);
    const { developer, name, address, reraNumber, reraWebsite, money } = project;
    return {
      booking,
      money,
      issuer: { developer, project: name, address, reraNumber, reraWebsite },
      // Who gave no name on WhatsApp is named by their place in the booking.
      buyers: { names: booking.buyers.map((buyer, index) => known.get(buyer) || `Applicant ${index + 1}`) },
      unit: {
        number: unit.number,
        tower: unit.tower,
        type: unit.unitType,
        carpetAreaSqFt: unit.carpetAreaSqFt,
      },
    };
  }
}

function baseOf({ agreementValuePaise, stampValuePaise }: Booking) {
  return { considerationPaise: agreementValuePaise, stampValuePaise };
}

function wordsOf({ section, form, certificate }: { section: string; form: string; certificate: string }) {
  return { section, form, certificate };
}

/** A disbursement comes from the lender, whom the books do not name. */
function payerOf(names: string[], mode: string): string {
  const buyer = names.join(', ').slice(0, 100);
  return mode === 'loan_disbursement' ? `Lender, for ${buyer}`.slice(0, 120) : buyer;
}

function pdf(name: string, bytes: Buffer) {
  return { fileName: `${name}.pdf`, mimeType: 'application/pdf', bytes };
}
