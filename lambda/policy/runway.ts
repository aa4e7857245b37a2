/** How long the credits will last, from what was used. Pure. */

const HOUR_MS = 3_600_000;

/** Samples are kept this far apart at the least, and this long at the most. */
const SAMPLE_INTERVAL_MS = HOUR_MS / 2;
const SAMPLE_AGE_MS = 48 * HOUR_MS;

/** A day, and as much more as samples lie apart: a daily check sees the one before, though it may be late. */
const BURN_WINDOW_MS = 24 * HOUR_MS + SAMPLE_INTERVAL_MS;
const MIN_SPAN_MS = 6 * HOUR_MS;

/** A runway of more than a hundred years is none: it says nothing, and its end may be no valid date. */
const FOREVER_HOURS = 876_000;

/** Credits at a moment, in epoch milliseconds. */
export interface Sample {
  readonly at: number;
  readonly credits: number;
}

/** `emptyAt` is in epoch milliseconds; `hoursLeft` is 0 where nothing is left. */
export interface Runway {
  readonly creditsPerHour: number;
  readonly hoursLeft: number;
  readonly emptyAt: number;
}

/**
 * Adds a sample where the last one is half an hour old or more, and drops what is older than 48 hours
 * or, after a clock was set back, lies in the future. `samples` are in the order of time.
 */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const kept = samples.filter(({ at }) => at <= sample.at && at >= sample.at - SAMPLE_AGE_MS);
  const last = kept.at(-1);
  return last !== undefined && sample.at - last.at < SAMPLE_INTERVAL_MS ? kept : [...kept, sample];
}

/**
 * Credits used per hour over the last 24 hours: the sum of falls over the time that the samples span.
 * Rises are top-ups or refunds and do not count.
 *
 * @param samples - what was remembered, in the order of time
 * @param current - the present reading
 * @returns null where less than 6 hours are known; 0 where nothing was used
 */
export function burnRate(samples: readonly Sample[], current: Sample): number | null {
  const earlier = samples.filter(({ at }) => at < current.at && at >= current.at - BURN_WINDOW_MS);
  const first = earlier[0];
  if (first === undefined || current.at - first.at < MIN_SPAN_MS) return null;

  let used = 0;
  let before = first;
  for (const sample of [...earlier, current]) {
    used += Math.max(0, before.credits - sample.credits);
    before = sample;
  }
  const rate = used / ((current.at - first.at) / HOUR_MS);
  return Number.isFinite(rate) ? rate : null;
}

/** The runway at a burn rate; null where it is unknown or has no end. */
export function runwayOf(current: Sample, creditsPerHour: number | null): Runway | null {
  if (creditsPerHour === null || creditsPerHour === 0) return null;
  const hoursLeft = Math.max(0, current.credits) / creditsPerHour;
  if (hoursLeft > FOREVER_HOURS) return null;
  return { creditsPerHour, hoursLeft, emptyAt: current.at + hoursLeft * HOUR_MS };
}
