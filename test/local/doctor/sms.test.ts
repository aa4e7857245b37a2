import { describe, expect, it } from "vitest";
import {
  judgeOptOuts,
  judgeSandbox,
  judgeSender,
  judgeSpending,
  phonesAmong,
} from "../../../local/doctor/sms.ts";
import { judges } from "./judges.ts";

const US = "+15551234567";
const GERMANY = "+4915112345678";
const INDIA = "+919876543210";
const number = { PhoneNumber: "+18005550199", Iso2CountryCode: "US", Status: "Active" };

describe("a sender of SMS", () => {
  judges([
    {
      title: "is needed for a phone in the United States, and there is none",
      verdict: judgeSender(US, []),
      mark: "error",
      text: /^in the United States or Canada it needs a registered number .*, and there is none: no SMS arrives$/,
      fix: /End User Messaging/,
    },
    {
      title: "that waits for its registration sends nothing",
      verdict: judgeSender(US, [{ ...number, Status: "Pending" }]),
      mark: "error",
      text: /, and …99 \(US\) is not active yet: no SMS arrives$/,
    },
    {
      title: "of another country sends nothing",
      verdict: judgeSender(US, [{ ...number, Iso2CountryCode: "GB" }]),
      mark: "error",
      text: /no SMS arrives$/,
    },
    {
      title: "is a number of the phone's country",
      verdict: judgeSender(US, [number]),
      mark: "fine",
      text: /^from …99 \(US\), if its resource policy lets sns\.amazonaws\.com use it$/,
    },
    {
      title: "that is registered by name can't be seen",
      verdict: judgeSender(INDIA, [number]),
      mark: "warning",
      text: /^in India it needs a registered sender id, which can't be seen from here$/,
    },
    {
      title: "is shared in most countries",
      verdict: judgeSender(GERMANY, []),
      mark: "fine",
      text: /^from a shared number, which usually works there$/,
    },
  ]);
});

describe("phones that answered STOP", () => {
  judges([
    {
      title: "are none",
      verdict: judgeOptOuts([{ phone: US, isOptedOut: false }]),
      mark: "fine",
      text: /^no phone/,
    },
    {
      title: "are named, with how to ask them back",
      verdict: judgeOptOuts([
        { phone: US, isOptedOut: true },
        { phone: GERMANY, isOptedOut: false },
      ]),
      mark: "error",
      text: /no SMS arrives: …67$/,
      fix: /opt-in-phone-number --phone-number \+15551234567$/,
    },
  ]);
});

describe("the SMS sandbox", () => {
  const phones = [US, GERMANY];
  judges([
    { title: "was left", verdict: judgeSandbox(null, phones), mark: "fine", text: /out of it/ },
    {
      title: "lets verified phones hear",
      verdict: judgeSandbox(phones, phones),
      mark: "fine",
      text: /every/,
    },
    {
      title: "lets no other phone hear",
      verdict: judgeSandbox([US], phones),
      mark: "error",
      text: /not verified: …78, /,
      fix: /verify-sms-sandbox-phone-number/,
    },
    {
      title: "may keep unknown phones from hearing",
      verdict: judgeSandbox([], null),
      mark: "warning",
      text: /only verified/,
    },
  ]);
});

describe("the spending on SMS", () => {
  judges([
    {
      title: "is below the limit",
      verdict: judgeSpending({ limit: 10, spent: 9.99 }),
      mark: "fine",
      text: /^\$9\.99 of \$10\.00 for this month$/,
    },
    {
      title: "ends all SMS at the limit",
      verdict: judgeSpending({ limit: 1, spent: 1 }),
      mark: "error",
      text: /no more SMS are sent/,
      fix: /AWS Support/,
    },
  ]);
});

describe("the phones that SMS are looked at for", () => {
  const email = { protocol: "email", endpoint: "me@example.com" };
  const phone = (endpoint: string) => ({ protocol: "sms", endpoint });

  it("are those that are subscribed and those that should be, each once", () => {
    expect(phonesAmong([email, phone(US)], [phone(US), phone(INDIA)])).toEqual([US, INDIA]);
  });

  it("are those of the template if SNS does not tell, and the other way round", () => {
    expect(phonesAmong(null, [phone(US)])).toEqual([US]);
    expect(phonesAmong([phone(US)], null)).toEqual([US]);
  });

  it("are none if nobody has one, and unknown if nothing is known", () => {
    expect(phonesAmong([email], null)).toEqual([]);
    expect(phonesAmong(null, null)).toBeNull();
  });
});
