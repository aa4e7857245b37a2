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

/** The people of two lists: of emails and phones the larger numbers. Nobody is told of others. */
export function mostOf(now: Audience, before: Audience): Audience {
  const { emails, phones, others } = now;
  return { emails: Math.max(emails, before.emails), phones: Math.max(phones, before.phones), others };
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

/** Whether there are phones, and nobody who hears what does not go by SMS. */
export function isPhoneAlone(audience: Audience | null): boolean {
  return audience !== null && audience.phones > 0 && audience.emails + audience.others === 0;
}
