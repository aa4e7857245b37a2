import { afterEach, expect, it, vi } from "vitest";
import { timeZone } from "../../lambda/fields.ts";
import { localTimeZone } from "../../local/command.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  { TZ: "Europe/London", zone: "Europe/London" },
  { TZ: "UTC", zone: "UTC" },
  { TZ: "Etc/UTC", zone: "UTC" },
  { TZ: ":Europe/Berlin", zone: "Europe/Berlin" },
  { TZ: "/usr/share/zoneinfo/Europe/Berlin", zone: "Europe/Berlin" },
  { TZ: "posix/Europe/Berlin", zone: "Europe/Berlin" },
  { TZ: "EST5EDT", zone: "America/New_York" },
])("this machine's time zone with TZ=$TZ is $zone", ({ TZ, zone }) => {
  vi.stubEnv("TZ", TZ);
  expect(localTimeZone()).toBe(zone);
});

it.each([
  { TZ: "BST", wrong: "Asia/Dhaka" },
  { TZ: "IST", wrong: "Asia/Calcutta" },
  { TZ: "EST", wrong: "America/Panama" },
  { TZ: "CET", wrong: "CET" },
  { TZ: "Etc/GMT+5", wrong: "Etc/GMT+5" },
  { TZ: "GMT", wrong: "+00:00" },
  { TZ: "UTC0", wrong: "UTC0" },
  { TZ: "EST5EDT,M3.2.0,M11.1.0", wrong: "EST5EDT,M3.2.0,M11.1.0" },
  { TZ: "", wrong: "Etc/Unknown" },
  { TZ: "nonsense", wrong: "nonsense" },
])("this machine's time zone with TZ=$TZ is one that settings take, and not $wrong", ({ TZ, wrong }) => {
  vi.stubEnv("TZ", TZ);
  const zone = localTimeZone();
  expect(timeZone.safeParse(zone).success, zone).toBe(true);
  expect(zone).not.toBe(wrong);
});
