/** Who hears what. Pure. */
import * as z from "zod";

const count = z.int().nonnegative();

export const audienceSchema = z.object({ emails: count, phones: count, others: count });

/** Confirmed subscriptions: phones get only what goes by SMS. Others are queues, functions and webhooks. */
export type Audience = Readonly<z.output<typeof audienceSchema>>;

/** The numbers alone, of what may hold more. */
export function countsOf({ emails, phones, others }: Audience): Audience {
  return { emails, phones, others };
}

/** Whether there are fewer confirmed emails or phones than before. */
export function hasFewer(now: Audience, before: Audience): boolean {
  return now.emails < before.emails || now.phones < before.phones;
}

/** Phones hear only what goes by SMS. */
export function isHeard(bySms: boolean, audience: Audience | null): boolean {
  if (audience === null) return true;
  const { emails, phones, others } = audience;
  return emails + others > 0 || (bySms && phones > 0);
}

/** Whether nobody hears what does not go by SMS. */
export function isPhoneAlone(audience: Audience | null): boolean {
  return audience !== null && audience.emails + audience.others === 0;
}
