import fc from "fast-check";
import { expect, it } from "vitest";
import { emailDoubts } from "../../../local/setup/email-doubts.ts";

it.each([
  ["me@gmial.com", "gmail.com"],
  ["me@gmai.com", "gmail.com"],
  ["me@gmail.co", "gmail.com"],
  ["Me@GMAIL.con", "gmail.com"],
  ["me@hotmial.com", "hotmail.com"],
  ["me@hotmal.com", "hotmail.com"],
  ["me@outlok.com", "outlook.com"],
  ["me@yaho.com", "yahoo.com"],
  ["me@iclould.com", "icloud.com"],
  ["me@t-onlin.de", "t-online.de"],
  ["me@comcst.net", "comcast.net"],
  ["me@gmx.ed", "gmx.de"],
  ["me@web.dee", "web.de"],
  ["me@aol.con", "aol.com"],
  ["me@msn.con", "msn.com"],
  ["me@me.con", "me.com"],
  ["me@qq.con", "qq.com"],
  ["me@163.con", "163.com"],
  ["me@mail.example.cmo", "mail.example.com"],
  ["me@att.nte", "att.net"],
  ["me@example.ogr", "example.org"],
  ["me@gmial.con", "gmail.com"],
])("%s may be at %s", (email, meant) => {
  expect(emailDoubts([email])).toEqual([`${email}: is ${meant} meant?`]);
});

it.each(
  [
    [
      "gmail.com",
      "ymail.com",
      "mail.com",
      "email.com",
      "hotmail.de",
      "example.com",
      "kie.ai",
      "gmx.de",
      "gmx.at",
    ],
    // Real endings, and names that only look like none.
    [
      "web.dev",
      "me.co",
      "aol.cm",
      "example.community",
      "falcon.io",
      "con.com",
      "a.con.de",
      "gmx.net",
      "qq.com",
    ],
  ].flat(),
)("nobody is asked about %s", (domain) => {
  expect(emailDoubts([`gmial@${domain}`])).toEqual([]);
});

it("any letter left out of gmail.com, or any two that changed places, are asked about", () => {
  const domain = "gmail.com";
  fc.assert(
    fc.property(fc.nat(domain.length - 2), fc.boolean(), (at, isLeftOut) => {
      const [one = "", next = ""] = domain.slice(at, at + 2);
      const slip = domain.slice(0, at) + next + (isLeftOut ? "" : one) + domain.slice(at + 2);
      // Without its first letter it is another provider's.
      const expected = slip === "mail.com" ? 0 : 1;
      expect(emailDoubts([`me@${slip}`])).toHaveLength(expected);
    }),
  );
});
