import type { Logger } from 'pino';
import type { SaleNews, SaleNewsList } from '../models/saleNews.ts';
import type { BookingDesk } from './bookingDesk.ts';
import type { PaymentDesk } from './paymentDesk.ts';
import type { SweepTask } from './sweep.ts';

/** Longer than any act at a desk takes; what failed is tried again as seldom. */
const LEFT_BEHIND_MS = 60_000;
const SWEEP_BATCH = 50;
export type SaleNewsParts = {
  saleNews: SaleNewsList;
  bookingDesk: Pick<BookingDesk, 'tellLeft'>;
  paymentDesk: Pick<PaymentDesk, 'tellLeft'>;
  now: () => Date;
  log: Logger;
};

/** Tells buyers' conversations what a crash left untold: a demand without its letter, a payment without its receipt. */
export function saleNewsTask(parts: SaleNewsParts): SweepTask {
  const { saleNews, now, log } = parts;
  return {
    name: 'sales and payments not told of',
    find: async () => {
      const before = new Date(now().getTime() - LEFT_BEHIND_MS);
      for (const news of await saleNews.left(before, now(), SWEEP_BATCH))
        await tell(parts, news).catch((error: unknown) =>
          log.error({ err: error, news: news._id }, 'news of a sale could not be told, going on'),
        );
      return [];
    },
    wake: () => undefined,
  };
}

async function tell(
  { bookingDesk, paymentDesk, saleNews, now }: SaleNewsParts,
  news: SaleNews,
): Promise<void> {
  await bookingDesk.tellLeft(news);
  await paymentDesk.tellLeft(news, now());
  await saleNews.settle(news._id);
}
