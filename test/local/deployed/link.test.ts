import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandError } from "../../../local/command.ts";
import { readConfirmationLink } from "../../../local/deployed/link.ts";

const topicArn = "arn:aws:sns:eu-central-1:123456789012:KieCreditAlert-AlertsTopic1A2B";
const token = "2336412f37fb687f5d51e6e2425dacbba".repeat(8);
const host = "https://sns.eu-central-1.amazonaws.com";
const page = `${host}/confirmation.html?TopicArn=${topicArn}&Token=${token}&Endpoint=me@example.com`;
const subscribeUrl = `${host}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
const safeLink = (link: string) =>
  `https://eur01.safelinks.protection.outlook.com/?url=${encodeURIComponent(link)}&data=05%7C02%7Cme&sdata=abc%3D&reserved=0`;
const proofpoint2 = (link: string) => {
  const inDashes = encodeURIComponent(link)
    .replaceAll("-", "%2D")
    .replaceAll("_", "%5F")
    .replaceAll("%2F", "_");
  return `https://urldefense.proofpoint.com/v2/url?u=${inDashes.replaceAll("%", "-")}&d=DwMFaQ&c=Vxt5e0&r=Muj-L_D&e=`;
};
const cisco = (link: string) =>
  `https://secure-web.cisco.com/1fCCdfJv_BYjz_YqipXEJjGHlmXlnTXcGx0N5X1OG_Y5pJ1-vFLr/${encodeURIComponent(link)}`;
const checkPoint = (filter: string, link: string) =>
  `https://${filter}/v2/r01/___${link}___.YXAzOnBlYWNlYWJsZXN0cmVldDphOm86NDQxZTc3MzNjZGM4NDc1Yw`;
const sophos = (link: string) =>
  `https://eu-central-1.protection.sophos.com/?d=amazonaws.com&u=${Buffer.from(link).toString("base64")}&i=NWY1NzY4&t=QkNX&h=9ba4`;
/** As it stands in a mail's source. */
const quotedPrintable = (link: string) => broken(link.replaceAll("=", "=3D"), "=\r\n");
const broken = (link: string, by: string) => link.match(/.{1,70}/g)?.join(by) ?? "";

describe("a link that confirms", () => {
  const mine = "me@example.com";
  const rows: { title: string; text: string; endpoint: string | null }[] = [
    { title: "the confirmation page", text: page, endpoint: mine },
    { title: "a webhook's SubscribeURL", text: subscribeUrl, endpoint: null },
    { title: "blanks around it", text: `\t ${page} \n\n`, endpoint: mine },
    { title: "angle brackets around it", text: `Confirm subscription <${page}>`, endpoint: mine },
    { title: "quotation marks around it", text: `<a href="${page}">Confirm`, endpoint: mine },
    { title: "written as HTML", text: page.replaceAll("&", "&amp;"), endpoint: mine },
    { title: "written as HTML twice", text: page.replaceAll("&", "&amp;amp;"), endpoint: mine },
    { title: "broken into lines", text: broken(page, "\r\n"), endpoint: mine },
    { title: "broken into lines with indents", text: broken(page, "\n    "), endpoint: mine },
    {
      title: "encoded parameters",
      text: page.replaceAll(":sns:", "%3Asns%3A").replace("@", "%40"),
      endpoint: mine,
    },
    { title: "an address with a plus", text: page.replace("me@", "me+kie@"), endpoint: "me+kie@example.com" },
    { title: "the same, encoded", text: page.replace("me@", "me%2Bkie@"), endpoint: "me+kie@example.com" },
    { title: "Safe Links around it", text: safeLink(page), endpoint: mine },
    { title: "Safe Links around a SubscribeURL", text: safeLink(subscribeUrl), endpoint: null },
    { title: "Safe Links twice around it", text: safeLink(safeLink(page)), endpoint: mine },
    { title: "Safe Links written as HTML", text: safeLink(page).replaceAll("&", "&amp;"), endpoint: mine },
    { title: "Safe Links broken into lines", text: broken(safeLink(page), "\n"), endpoint: mine },
    {
      title: "any other filter's parameter",
      text: `https://link.example/x?a=1&q=${encodeURIComponent(page)}`,
      endpoint: mine,
    },
    {
      title: "Proofpoint's path around it",
      text: `https://urldefense.com/v3/__${page}__;!!AbC!xyz$`,
      endpoint: mine,
    },
    {
      title: "Proofpoint's path, with characters taken out",
      text: `https://urldefense.com/v3/__${page.replace("me@", "me*2Bkie@")}__;JQ!!AbC!xyz$`,
      endpoint: "me+kie@example.com",
    },
    {
      title: "Proofpoint's path, with a run of characters taken out",
      text: `https://urldefense.com/v3/__${page.replace("me@", "me**Akie@")}__;Kys!!AbC!xyz$`,
      endpoint: "me++kie@example.com",
    },
    {
      title: "Proofpoint's version 1",
      text: `https://urldefense.proofpoint.com/v1/url?u=${encodeURIComponent(page)}&k=abc%3D%0A&s=1`,
      endpoint: mine,
    },
    { title: "Proofpoint's version 2", text: proofpoint2(page), endpoint: mine },
    { title: "Proofpoint's version 2 in Safe Links", text: safeLink(proofpoint2(page)), endpoint: mine },
    { title: "Cisco's path", text: cisco(page), endpoint: mine },
    { title: "Cisco's path, broken into lines", text: broken(cisco(page), "\n"), endpoint: mine },
    { title: "Check Point's path", text: checkPoint("protect.checkpoint.com", page), endpoint: mine },
    {
      title: "Check Point's path with one slash, as some programs make it",
      text: checkPoint("protect.checkpoint.com", page.replace("//", "/")),
      endpoint: mine,
    },
    { title: "Avanan's path", text: checkPoint("url.avanan.click", page), endpoint: mine },
    {
      title: "Avanan's path without its end",
      text: `https://url.avanan.click/v2/___${page}___`,
      endpoint: mine,
    },
    { title: "Sophos' Base64", text: sophos(page), endpoint: mine },
    { title: "any other filter's path", text: `https://atp.example/scan/42/${page}`, endpoint: mine },
    { title: "a full stop behind it", text: `Open ${page}.`, endpoint: mine },
    { title: "brackets around it", text: `Confirm subscription (${page})`, endpoint: mine },
    { title: "a full stop behind a SubscribeURL", text: `${subscribeUrl}).`, endpoint: null },
    { title: "a link of Markdown", text: `[Confirm subscription](${page})`, endpoint: mine },
    { title: "the mail's source", text: `<a href=3D"${quotedPrintable(page)}">Confirm`, endpoint: mine },
    { title: "Safe Links in the mail's source", text: quotedPrintable(safeLink(page)), endpoint: mine },
    { title: "a quoted reply", text: `> Confirm subscription:\n> ${broken(page, "\n> ")}`, endpoint: mine },
    {
      title: "another link before it",
      text: `<a href="https://example.com/">x</a> <${page}>`,
      endpoint: mine,
    },
  ];
  it.each(rows)("is read: $title", ({ text, endpoint }) => {
    expect(readConfirmationLink(text)).toEqual({ topicArn, token, endpoint });
  });

  it.each([
    ["China", "amazonaws.com.cn/", "arn:aws-cn:"],
    ["the European Sovereign Cloud", "amazonaws.eu/", "arn:aws-eusc:"],
  ])("is read in the partition of %s", (_, domain, arn) => {
    const text = page.replace("amazonaws.com/", domain).replace("arn:aws:", arn);
    expect(readConfirmationLink(text).topicArn).toContain(arn);
  });

  const refused: { title: string; text: string }[] = [
    { title: "nothing", text: "" },
    { title: "no link", text: `Confirm subscription ${token}` },
    { title: "another host", text: page.replace("amazonaws.com", "amazonaws.example") },
    { title: "a host that ends like AWS's", text: page.replace("sns.eu-central-1.", "sns.evil-") },
    { title: "another service's host", text: page.replace("https://sns.", "https://s3.") },
    {
      title: "AWS's name as the user of another host",
      text: page.replace("amazonaws.com/", "amazonaws.com@evil.example/"),
    },
    { title: "no TLS", text: page.replace("https:", "http:") },
    { title: "no token", text: page.replace(/&Token=[^&]*/, "") },
    { title: "a part of a token", text: page.replace(token, token.slice(0, 20)) },
    { title: "no topic", text: page.replace(topicArn, "alerts") },
    {
      title: "the link that unsubscribes",
      text: `${host}/unsubscribe.html?SubscriptionArn=${topicArn}:1&Endpoint=me@example.com`,
    },
    {
      title: "more wrappers than any mail has",
      text: Array.from({ length: 8 }).reduce<string>(safeLink, page),
    },
  ];
  it.each(refused)("is refused without repeating it: $title", ({ text }) => {
    expect(() => readConfirmationLink(text)).toThrow(CommandError);
    try {
      readConfirmationLink(text);
    } catch (error) {
      expect(String(error)).not.toContain(token.slice(0, 16));
      expect(String(error)).toMatch(/Confirm subscription/);
    }
  });

  it.each([
    [
      "Mimecast",
      "https://protect-eu.mimecast.com/s/Ah1HC79EKVt1r3N0yH8f9?domain=sns.eu-central-1.amazonaws.com",
    ],
    ["Mimecast", "https://url.uk.m.mimecastprotect.com/s/YP9XCWQRPfDXo1NIKijuVb2y7"],
    ["Proofpoint Essentials", "https://url.emailprotection.link/?bXAzOnBlYWNl~"],
  ])("that is hidden for good by %s is named as that: %s", (filter, text) => {
    expect(() => readConfirmationLink(text)).toThrow(
      `of ${filter}, a mail filter that hides the link for good`,
    );
  });

  it("is read wherever its lines are broken, whoever wraps it", () => {
    const blank = fc.constantFrom("\n", "\r\n", " ", "\n  ", "\t");
    const breaks = fc.array(fc.tuple(fc.nat(900), blank), { maxLength: 12 });
    fc.assert(
      fc.property(breaks, fc.boolean(), fc.boolean(), (places, isWrapped, isHtml) => {
        const link = isWrapped ? safeLink(page) : page;
        let text = isHtml ? link.replaceAll("&", "&amp;") : link;
        for (const [at, by] of places) text = text.slice(0, at) + by + text.slice(at);
        expect(readConfirmationLink(text)).toEqual({ topicArn, token, endpoint: "me@example.com" });
      }),
    );
  });

  it("is not found in anything else that is pasted", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (text) => {
        expect(() => readConfirmationLink(text)).toThrow(CommandError);
      }),
    );
  });
});
