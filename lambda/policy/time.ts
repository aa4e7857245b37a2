/** Spans of time in milliseconds, and moments as they are remembered. Pure. */
import * as z from "zod";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The last moment of a four-digit year, which every date format can write. A later one is damaged. */
const LAST_MOMENT = Date.UTC(9999, 11, 31);

/** Epoch milliseconds. */
export const moment = z.number().nonnegative().max(LAST_MOMENT);
