/** The demo's story: what happens to a made-up account, day by day. */

import { DAY_MS } from "../../lambda/policy/time.ts";
import type { Subscribers } from "../../lambda/report.ts";
import { credits, kieError, text } from "./kie-stand-in.ts";

/** The Monday on which the story begins, in epoch milliseconds. */
export const STORY_START = Date.UTC(2026, 10, 2);

/** The stack was deployed the week before: seven quiet days are over on the second day of the story. */
export const DEPLOYED_AT = Date.UTC(2026, 9, 27, 8);

export const STORY_DAYS = 10;

/** The account and Kie, at one moment. */
export interface World {
  readonly balance: number;
  /** What the jobs use on average. */
  readonly creditsPerHour: number;
  readonly kie: "up" | "maintenance" | "down";
  /** The key that Kie accepts, and the one that the check is given. */
  readonly validKey: string;
  readonly storedKey: string;
  /** Confirmed subscriptions. */
  readonly emails: number;
}

const FIRST_KEY = "made-up-key";

export const FIRST_WORLD: World = {
  balance: 9_200,
  creditsPerHour: 40,
  kie: "up",
  validKey: FIRST_KEY,
  storedKey: FIRST_KEY,
  emails: 2,
};

/** Something that happens. `isTest` asks for a test message by hand. */
export interface Happening {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
  readonly isTest: boolean;
  readonly change: (world: World) => World;
}

type Entry = readonly [day: number, time: string, text: string, change: Happening["change"] | "test"];

const STORY: readonly Entry[] = [
  [1, "00:05", "Jobs use about 40 credits an hour, as they did all week", jobs(40)],
  [1, "09:05", "Somebody asks for a test message", "test"],
  [1, "14:05", "Kie is in maintenance for half an hour: nobody is bothered", kie("maintenance")],
  [1, "14:35", "Kie is back", kie("up")],
  [2, "07:55", "Seven days without news are over: time for a sign of life", nothing],
  [2, "12:05", "A campaign starts: about 120 credits an hour", jobs(120)],
  [3, "06:05", "A hasty top-up of 2,000 credits; the campaign goes on", topUp(2_000, 115)],
  [4, "06:05", "A proper top-up of 6,500 credits; the campaign is over", topUp(6_500, 45)],
  [5, "09:05", "A mail scanner opens every link, and so unsubscribes a colleague", emails(1)],
  [5, "10:05", "The colleague subscribes again and confirms", emails(2)],
  [5, "14:05", "Kie is down for three hours", kie("down")],
  [5, "17:05", "Kie is back", kie("up")],
  [6, "02:05", "A job runs away: about 1,200 credits an hour", jobs(1_200)],
  [6, "03:05", "Woken by the SMS, somebody revokes the key, which stops the job", revokeKey],
  [7, "09:05", "The new key is stored; jobs catch up at about 75 an hour", storeKey],
  [8, "16:05", "Hardly any jobs: about 5 credits an hour", jobs(5)],
  [9, "18:05", "A top-up of 4,400 credits; jobs go on at about 30 an hour", topUp(4_400, 30)],
];

function nothing(world: World): World {
  return world;
}

function jobs(creditsPerHour: number): Happening["change"] {
  return (world) => ({ ...world, creditsPerHour });
}

function kie(state: World["kie"]): Happening["change"] {
  return (world) => ({ ...world, kie: state });
}

function topUp(credits: number, creditsPerHour: number): Happening["change"] {
  return (world) => ({ ...world, balance: world.balance + credits, creditsPerHour });
}

function emails(count: number): Happening["change"] {
  return (world) => ({ ...world, emails: count });
}

function revokeKey(world: World): World {
  return { ...world, validKey: `${world.validKey}-new` };
}

function storeKey(world: World): World {
  return { ...world, storedKey: world.validKey, creditsPerHour: 75 };
}

/** All that happens, in the order of time. */
export const HAPPENINGS: readonly Happening[] = STORY.map(([day, time, text, change]) => ({
  at: Date.parse(`1970-01-01T${time}Z`) + STORY_START + (day - 1) * DAY_MS,
  text,
  isTest: change === "test",
  change: change === "test" ? nothing : change,
}));

/** Jobs run for so many hours, some dearer and some cheaper; none without credits, without Kie, without a key. */
export function runJobs(world: World, hours: number, random: () => number): World {
  if (world.kie !== "up" || world.storedKey !== world.validKey) return world;
  const used = Math.round(world.creditsPerHour * hours * (0.5 + random()));
  return { ...world, balance: Math.max(0, world.balance - used) };
}

/** What Kie answers in this world to a question that carries this header. */
export function answerIn(world: World, authorization: string | undefined) {
  switch (world.kie) {
    case "maintenance":
      return kieError(455, "Service is under maintenance");
    case "down":
      return text(502, "<html><h1>502 Bad Gateway</h1></html>", { "content-type": "text/html" });
    case "up":
      return authorization === `Bearer ${world.validKey}`
        ? credits(world.balance)
        : kieError(401, "You do not have access permissions");
  }
}

/** Who would hear a message in this world. */
export function audienceOf({ emails }: World): Subscribers {
  return { emails, phones: 1, others: 0, pending: 0 };
}

/** The same numbers for the same seed: mulberry32, at least 0 and below 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
