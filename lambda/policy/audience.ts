/** Who hears what. Pure. */
import type { Alert } from "./alert.ts";
import type { Audience } from "./memory.ts";

/** The numbers alone, of what may hold more. */
export function countsOf({ emails, phones, others }: Audience): Audience {
  return { emails, phones, others };
}

/** Whether there are fewer confirmed emails or phones than before. */
export function hasFewer(now: Audience, before: Audience): boolean {
  return now.emails < before.emails || now.phones < before.phones;
}

/** Phones hear only what goes by SMS. */
export function isHeard({ bySms }: Alert, audience: Audience | null): boolean {
  if (audience === null) return true;
  const { emails, phones, others } = audience;
  return emails + others > 0 || (bySms && phones > 0);
}

/** Whether nobody hears what does not go by SMS. */
export function isPhoneAlone(audience: Audience | null): boolean {
  return audience !== null && audience.emails + audience.others === 0;
}
