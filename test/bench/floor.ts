/**
 * The floor: what a check takes that uses no SDK and no library at all. It makes the calls that the real one makes,
 * signs them itself and does the bare job, without retries, time limits, forecast, reminders or metrics: a measure for
 * the real one, and no more than that.
 */
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

const { env } = process;
const config = JSON.parse(env["CONFIG"] ?? "{}");

export async function handler(): Promise<unknown> {
  const names = [config.apiKeyParameter, config.memoryParameter];
  const { Parameters } = JSON.parse(await ssm("GetParameters", { Names: names, WithDecryption: true }));
  const [apiKey, document] = names.map(
    (name) => Parameters.find((parameter: { Name: string }) => parameter.Name === name).Value,
  );
  const url = new URL("/api/v1/chat/credit", env["KIE_BASE_URL"]);
  const [answer] = await Promise.all([
    send(url, "GET", { authorization: `Bearer ${apiKey.trim()}` }),
    sns("ListSubscriptionsByTopic", {}),
  ]);
  const { code, data: credits } = JSON.parse(answer);
  if (code !== 200 || typeof credits !== "number") throw new Error(`code ${code}`);

  const { criticalCredits, warningCredits } = config;
  const level = credits <= criticalCredits ? "critical" : credits <= warningCredits ? "warning" : "ok";
  const memory = JSON.parse(document);
  const save = (sending: string | null) =>
    ssm("PutParameter", {
      Name: config.memoryParameter,
      Value: JSON.stringify({ ...memory, told: { ...memory.told, level }, sending }),
      Type: "String",
      Overwrite: true,
    });
  const { account } = config;
  const subject = level === memory.told.level ? null : `Kie credits ${level}: ${credits}`;
  await save(subject);
  if (subject !== null) {
    const texts = { default: `The account ${account} has ${credits} credits left.` };
    await sns("Publish", { Subject: subject, Message: JSON.stringify(texts), MessageStructure: "json" });
    await save(null);
  }
  const report = { account, credits, level, alert: subject && { subject } };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report;
}

function ssm(action: string, input: object): Promise<string> {
  return callAws("ssm", JSON.stringify(input), {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AmazonSSM.${action}`,
  });
}

function sns(Action: string, input: Record<string, string>): Promise<string> {
  const form = { Action, Version: "2010-03-31", TopicArn: config.topicArn, ...input };
  return callAws("sns", new URLSearchParams(form).toString(), {
    "content-type": "application/x-www-form-urlencoded",
  });
}

/** A POST signed with Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function callAws(service: string, body: string, contentHeaders: Record<string, string>): Promise<string> {
  const region = env["AWS_REGION"] ?? "";
  const url = new URL(env["AWS_ENDPOINT_URL"] ?? `https://${service}.${region}.amazonaws.com`);
  const time = new Date().toISOString().replace(/[:-]|\.\d+/g, "");
  const scope = [time.slice(0, 8), region, service, "aws4_request"];
  const headers: Record<string, string> = {
    ...contentHeaders,
    host: url.host,
    "x-amz-date": time,
    "x-amz-security-token": env["AWS_SESSION_TOKEN"] ?? "",
  };
  const names = Object.keys(headers).sort();
  const signed = names.join(";");
  const lines = names.map((name) => `${name}:${headers[name]}`);
  const canonical = ["POST", "/", "", ...lines, "", signed, hash(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), hash(canonical)].join("\n");
  const secret: string | Buffer = `AWS4${env["AWS_SECRET_ACCESS_KEY"]}`;
  const signature = hmac(scope.reduce<string | Buffer>(hmac, secret), toSign).toString("hex");
  const credential = `${env["AWS_ACCESS_KEY_ID"]}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`;
  return send(url, "POST", { ...headers, authorization }, body);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

async function send(url: URL, method: string, headers: Record<string, string>, body = ""): Promise<string> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const [response] = await once(request(url, { method, headers }).end(body), "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  if (response.statusCode !== 200) throw new Error(`${method} ${url}: ${response.statusCode} ${text}`);
  return text;
}
