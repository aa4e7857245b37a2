/** Addresses that look like slips of the keyboard. Pure. */
import leven from "leven";

/** Common ones, none so short that a company's own domain is often a letter away. Those that are close are both here. */
const DOMAINS = [
  ...["gmail.com", "googlemail.com", "ymail.com", "mail.com", "email.com", "fastmail.com", "rocketmail.com"],
  ...["hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.es", "hotmail.it"],
  ...["outlook.com", "outlook.de", "outlook.fr", "outlook.es", "live.com", "icloud.com"],
  ...["yahoo.com", "yahoo.co.uk", "yahoo.co.jp", "yahoo.co.in", "yahoo.de", "yahoo.fr", "yahoo.es"],
  ...["protonmail.com", "proton.me", "t-online.de", "freenet.de", "orange.fr", "libero.it"],
  ...["yandex.com", "yandex.ru", "naver.com", "foxmail.com", "comcast.net", "verizon.net", "btinternet.com"],
];

/** Endings that no domain has, and those that are meant: so a short name is asked about, too. */
const ENDINGS: readonly (readonly [slip: RegExp, meant: string])[] = [
  [/\.(con|cmo|ocm|vom|xom|cpm|cim|dom|comm|coom|ccom)$/, ".com"],
  [/\.(nte|ent|ney|met|nett)$/, ".net"],
  [/\.(ogr|rog)$/, ".org"],
  [/\.(ed|dee|dde)$/, ".de"],
];

/**
 * A sentence for each address whose domain is a letter, or two that changed places, from a common one, or has an ending
 * that there is not.
 */
export function emailDoubts(emails: readonly string[]): string[] {
  return emails.flatMap((email) => {
    const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
    const ended = ENDINGS.reduce((text, [slip, meant]) => text.replace(slip, meant), domain);
    const meant = (!DOMAINS.includes(ended) && DOMAINS.find((one) => isSlip(ended, one))) || ended;
    return meant === domain ? [] : [`${email}: is ${meant} meant?`];
  });
}

function isSlip(domain: string, meant: string): boolean {
  const distance = leven(domain, meant);
  const sorted = (text: string) => [...text].toSorted().join("");
  return distance === 1 || (distance === 2 && sorted(domain) === sorted(meant));
}
