/** What a caller may ask of a check. Pure. */
import * as z from "zod";
import { MAX_SNOOZE_HOURS } from "./policy/policy.ts";
import { amount } from "./policy/rules.ts";
import { parseInput } from "./problems.ts";

const EXPECTED_SNOOZE = `expected 1 to ${MAX_SNOOZE_HOURS} hours, or 0 to end the snooze`;
export const snoozeHours = z
  .number(EXPECTED_SNOOZE)
  .refine((hours) => hours === 0 || (hours >= 1 && hours <= MAX_SNOOZE_HOURS), EXPECTED_SNOOZE);

const flag = z.boolean("expected true or false").default(false);

const invocation = z
  .strictObject(
    {
      /** Publish and save nothing; the report shows what would be. */
      dryRun: flag,
      /** Send a test message through every channel, whatever the level; nothing is remembered. */
      test: flag,
      /** Credits that the next job takes: is the balance enough for it? */
      need: amount.nullable().default(null),
      /** No reminders for so long from now on; 0 ends a snooze. */
      snoozeHours: snoozeHours.nullable().default(null),
    },
    "expected an object with nothing but dryRun, test, need and snoozeHours",
  )
  .superRefine(({ snoozeHours, test, dryRun }, context) => {
    if (snoozeHours === null || !(test || dryRun)) return;
    const message = `expected none beside ${test ? "test" : "dryRun"}, which remembers nothing`;
    context.addIssue({ code: "custom", path: ["snoozeHours"], input: snoozeHours, message });
  });

export type Invocation = Readonly<z.output<typeof invocation>>;

/** What EventBridge sends if a rule has no input of its own: nothing of ours is in it. */
const scheduledEvent = z.object({
  source: z.literal("aws.events"),
  "detail-type": z.literal("Scheduled Event"),
});

/**
 * Reads the function's event: `{}` from the rule, EventBridge's own scheduled event, or a caller's options.
 *
 * @throws InvalidInputError that names every unknown or wrong field
 */
export function parseInvocation(event: unknown): Invocation {
  const isScheduled = scheduledEvent.safeParse(event).success;
  return parseInput("event", invocation, isScheduled ? {} : event);
}
