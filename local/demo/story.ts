/** The demo's story: what happens to a made-up account, day by day. */
import { credits, kieError, text } from "./kie-stand-in.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The Monday on which the story begins, in epoch milliseconds. */
export const STORY_START = Date.UTC(2026, 10, 2);

/** After this many days the story begins again, with the balance that is then left. */
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
}

const FIRST_KEY = "made-up-key";

export const FIRST_WORLD: World = {
  balance: 4_200,
  creditsPerHour: 40,
  kie: "up",
  validKey: FIRST_KEY,
  storedKey: FIRST_KEY,
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
  [1, "00:05", "Jobs use about 40 credits an hour", jobs(40)],
  [1, "09:05", "A test message is asked for by hand", "test"],
  [1, "14:05", "Kie is in maintenance for an hour: two checks fail, nobody is bothered", kie("maintenance")],
  [1, "15:05", "Kie is back before a third check in a row failed", kie("up")],
  [2, "12:05", "A campaign starts: about 120 credits an hour", jobs(120)],
  [3, "09:05", "A hasty top-up of 1,500 credits; the campaign takes about 160 an hour", topUp(1_500, 160)],
  [4, "06:05", "A proper top-up of 4,500 credits; jobs go on at about 45 an hour", topUp(4_500, 45)],
  [5, "10:05", "Kie is down for three hours", kie("down")],
  [5, "13:05", "Kie is back", kie("up")],
  [6, "16:05", "Somebody revokes the key", (world) => ({ ...world, validKey: `${world.validKey}-new` })],
  [
    7,
    "18:05",
    "The key is replaced; jobs catch up at about 60 an hour",
    (world) => ({ ...world, storedKey: world.validKey, creditsPerHour: 60 }),
  ],
  [8, "14:05", "Hardly any jobs: about 5 credits an hour", jobs(5)],
  [9, "18:05", "A top-up of 4,400 credits; jobs go on at about 30 an hour", topUp(4_400, 30)],
];

function jobs(creditsPerHour: number): Happening["change"] {
  return (world) => ({ ...world, creditsPerHour });
}

function kie(state: World["kie"]): Happening["change"] {
  return (world) => ({ ...world, kie: state });
}

function topUp(credits: number, creditsPerHour: number): Happening["change"] {
  return (world) => ({ ...world, balance: world.balance + credits, creditsPerHour });
}

/** All that happens in so many days, in the order of time. */
export function tellStory(days: number): readonly Happening[] {
  return Array.from({ length: Math.ceil(days / STORY_DAYS) }, (_, round) => round)
    .flatMap((round) =>
      STORY.map(([day, time, text, change]) => ({
        at: Date.parse(`1970-01-01T${time}Z`) + STORY_START + (round * STORY_DAYS + day - 1) * DAY_MS,
        text,
        isTest: change === "test",
        change: change === "test" ? (world: World) => world : change,
      })),
    )
    .filter(({ at }) => at < STORY_START + days * DAY_MS);
}

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
