import * as fc from "fast-check";
import { expect, it } from "vitest";
import { writeMessage } from "../../../lambda/messages/message.ts";
import { assess } from "../../../lambda/policy/levels.ts";
import { DEFAULT_POLICY } from "../../../lambda/policy/rules.ts";
import { hoursIn } from "../../support/lengths.ts";
import { contextOf, type Happening, HOUR, hours, NOW } from "./happening.ts";

const KINDS = ["raised", "surge", "reminder", "eased", "recovered", "reading-again", "all-clear"] as const;
const COSTS = { job: 65, "cheap job": 0.8 };

const hundredths = (max: number) => fc.integer({ min: -5_000, max: max * 100 }).map((value) => value / 100);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Circumstances that belong together: the level follows from credits and runway, as the policy has it. */
const circumstances = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    credits: fc.oneof(
      fc.constantFrom(0, 0.02, 0.5, 0.79, 0.8, 1, 300, 330, 1_000, 1_100),
      hundredths(1),
      hundredths(2),
      hundredths(400),
      hundredths(1_200),
      hundredths(50_000),
    ),
    rate: fc.option(fc.oneof(number(0.05, 20), number(1, 3_000))),
    limits: fc.constantFrom({}, { warningHours: 72, criticalHours: 60 }, { warningHours: 250 }),
    from: fc.constantFrom("ok", "warning", "critical", "empty", null),
    surge: fc.option(fc.record({ credits: fc.integer({ min: 1, max: 20_000 }), minutes: number(10, 150) })),
    agoHours: fc.oneof(number(0, 0.02), number(0, 300)),
    intervalHours: fc.oneof(fc.constantFrom(6, 24, 48, 60), number(1, 400)),
    earlier: fc.array(fc.option(number(0, 60_000)), { minLength: 23, maxLength: 23 }),
  })
  .map((all) => {
    const { kind, credits, rate, from, surge, earlier, limits } = all;
    const runway = rate === null ? null : hours(rate, Math.max(0, credits) / rate);
    const policy = { ...DEFAULT_POLICY, ...limits };
    const balance = { credits, hoursLeft: runway?.hoursLeft ?? null, hasRisen: false };
    const { level, cause } = assess({ level: from, runwayLevel: "ok" }, balance, policy);
    const hasSurge = level !== "empty" && credits > 0 && (kind === "surge" || kind === "raised");
    const used = surge ?? { credits: 240, minutes: 30 };
    const surgeHours = (credits * used.minutes) / 60 / used.credits;
    const isSurge = hasSurge && (kind === "surge" || surge !== null);
    const happening: Happening = {
      kind: kind === "surge" && !isSurge ? "raised" : kind,
      reading: credits,
      level,
      cause,
      runway,
      surge: isSurge ? { ...used, hoursLeft: surgeHours } : null,
      alert: { noReadingSince: kind === "reading-again" ? NOW - all.agoHours * HOUR : null },
      told: { level },
      config: {
        ...policy,
        ...{ jobs: COSTS, timeZone: "UTC" },
        ...{ warningReminderHours: all.intervalHours, criticalReminderHours: all.intervalHours },
      },
      chart: [...earlier, Number(credits.toPrecision(3))],
    };
    return { ...all, level, cause, runway, surgeHours, isSurge, used, policy, happening };
  });

const parse = (text: string | undefined) => Number((text ?? "").replaceAll(",", ""));

/** Hours, and by how many the last digit may be off. */
function readLength(text: string, isExact: boolean): { hours: number; error: number } {
  const unit = text.replace(/.* /, "");
  const digit = unit === "min" || !isExact ? 0.5 : 0.05;
  return { hours: hoursIn(text), error: digit * hoursIn(`1 ${unit}`) + 1e-6 };
}

it("each figure in each text follows from what is known", () => {
  fc.assert(
    fc.property(circumstances, (all) => {
      const { credits, level, cause, runway, policy, surgeHours, isSurge, used, happening } = all;
      const { subject, texts } = writeMessage(contextOf(happening));
      const { text } = JSON.parse(texts.document);
      const every = [subject, texts.sms, texts.email, text].join("\n");
      const each = (pattern: RegExp, judge: (...groups: string[]) => void) => {
        for (const [, ...groups] of every.matchAll(pattern)) judge(...groups);
      };
      const isNear = (length: string, truth: number, isExact = true) => {
        const { hours, error } = readLength(length, isExact);
        expect(Math.abs(hours - truth), `${length} for ${truth} h`).toBeLessThanOrEqual(error);
      };

      // The balance
      each(/(-?[\d.,]+) credits? left/g, (figure) => expect(parse(figure)).toBe(credits));
      each(/^Credits: (-?[\d.,]+)/gm, (figure) => expect(parse(figure)).toBe(credits));
      each(/the ([\d.,]+) left are/g, (figure) => expect(parse(figure)).toBe(credits));
      each(/([\d.,]+) credits? below zero/g, (figure) => expect(parse(figure)).toBe(-credits));
      expect(every).not.toMatch(/(?<![\d.,-])(1 credits|0 credits below)\b/);
      if (level !== "empty") expect(every).not.toMatch(/(?<![\d.,])0 credits/);
      if (level === "empty") expect(every).not.toMatch(/Use: |Lasts: |SURGE|faster/);
      each(/about (-?)\$([\d.,]+)\)/g, (sign, figure) =>
        expect(Math.abs(parse(sign + figure) - credits * 0.005)).toBeLessThan(0.0051),
      );
      each(/([\d,]+) × (.+?)(?:, or |$)/gm, (count, name) => {
        const cost = COSTS[name as keyof typeof COSTS];
        expect(parse(count)).toBe(
          Math.max(0, Math.floor(Math.round(credits * 100) / Math.round(cost * 100))),
        );
      });
      each(/highest (about )?(-?[\d.,]+)/g, (_about, figure) => {
        const highest = Math.max(0, credits, ...all.earlier.map((balance) => balance ?? 0));
        expect(parse(figure)).toBeGreaterThanOrEqual(credits);
        if (credits > 0) expect(Math.abs(parse(figure) - highest)).toBeLessThanOrEqual(0.01);
      });

      // What makes the level
      each(/(-?[\d.,]+) is (at|above|below) the \w+ threshold of ([\d.,]+)/g, (has, place, threshold) => {
        expect(cause).toMatchObject({ by: "credits", threshold: parse(threshold) });
        const order = Math.sign(parse(has) - parse(threshold));
        expect(place).toBe(order === 0 ? "at" : order > 0 ? "above" : "below");
      });
      each(
        /lasts about (.+? (?:min|h|days?))(?: at the usual pace)?; (your limit is|.*ends above) (.+? (?:h|days?))$/gm,
        (lasts, place, limit) => {
          // Rounded down, so that it does not seem to reach the limit.
          const short = Math.max(runway?.hoursLeft ?? Number.NaN, 1 / 60) - hoursIn(lasts);
          expect(short).toBeGreaterThanOrEqual(-1e-6);
          expect(short).toBeLessThanOrEqual(2 * readLength(lasts, true).error);
          const limitHours = level === "critical" ? policy.criticalHours : policy.warningHours;
          isNear(limit, limitHours * (place === "your limit is" ? 1 : 1.5));
        },
      );
      each(/, (?:enough for )?about ([\d,]+ (?:min|h|days))[.\n]/g, (length) =>
        isNear(length, Math.max(isSurge ? surgeHours : (runway?.hoursLeft ?? Number.NaN), 1 / 60), false),
      );
      each(/(?:runs out in|Lasts:) about ([\d,]+ (?:min|h|days))/g, (length) =>
        isNear(length, Math.max(runway?.hoursLeft ?? Number.NaN, 1 / 60), false),
      );
      each(/(\d) to (\d) days/g, (from, to) => {
        const days = (isSurge && !/runs out/.test(every) ? surgeHours : (runway?.hoursLeft ?? 0)) / 24;
        if (!isSurge) expect([Math.floor(days), Math.floor(days) + 1]).toEqual([Number(from), Number(to)]);
      });
      each(/about ([\d.,]+) credits? an hour/g, (figure) =>
        expect(parse(figure) / (all.rate ?? Number.NaN)).toBeCloseTo(1, 1),
      );

      // The surge
      each(/([\d,]+) (?:credits? (?:used )?)?in (?:the last )?(\d+) min/g, (figure, minutes) => {
        expect(parse(figure)).toBe(used.credits);
        expect(Number(minutes)).toBe(Math.round(used.minutes));
      });
      each(/gone at about (\d\d:\d\d) \(UTC\)/g, (clock) =>
        expect(clock).toBe(new Date(NOW + surgeHours * HOUR).toISOString().slice(11, 16)),
      );

      // Times
      each(/(?:again, after|Unknown for) ([^.\n]+?)(?: before)?\.(?!\d)/g, (length) => {
        expect(length).not.toBe("0 min");
        isNear(length, all.agoHours);
      });
      each(/Next reminder, if nothing changes: in (.+?), (\w.+) \(UTC\)/g, (length, date) => {
        isNear(length, all.intervalHours);
        expect(Math.abs(Date.parse(`${date} UTC`) - NOW - all.intervalHours * HOUR)).toBeLessThanOrEqual(
          60_000,
        );
      });
    }),
    { numRuns: 3000 },
  );
});
