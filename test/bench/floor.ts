/**
 * The floor: what a check takes that uses no SDK, no zod and no library at all. It signs its own requests and does
 * the bare job, without retries, time limits, runway, reminders, hysteresis, audience or metrics: a measure for
 * the real one, and no more than that.
 */
import { createHash, createHmac } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

const { env } = process;

export async function handler(): Promise<unknown> {
  const names = [env["API_KEY_PARAMETER"], env["MEMORY_PARAMETER"]];
  const { Parameters } = JSON.parse(await ssm("GetParameters", { Names: names, WithDecryption: true }));
  const [apiKey, document] = names.map(
    (name) => Parameters.find((parameter: { Name: string }) => parameter.Name === name).Value,
  );

  const url = new URL("/api/v1/chat/credit", env["KIE_BASE_URL"]);
  const { code, data: credits } = JSON.parse(
    await send(url, "GET", { authorization: `Bearer ${apiKey.trim()}` }),
  );
  if (code !== 200 || typeof credits !== "number") throw new Error(`code ${code}`);

  const level =
    credits <= Number(env["CRITICAL_CREDITS"])
      ? "critical"
      : credits <= Number(env["WARNING_CREDITS"])
        ? "warning"
        : "ok";
  const memory = JSON.parse(document);
  const account = env["ACCOUNT"];
  let alert = null;
  if (level !== memory.level) {
    const subject = `Kie credits ${level}: ${credits}`;
    await publish(subject, `The account ${account} has ${credits} credits left.`);
    await ssm("PutParameter", {
      Name: env["MEMORY_PARAMETER"],
      Value: JSON.stringify({ ...memory, level }),
      Type: "String",
      Overwrite: true,
    });
    alert = { subject };
  }
  const report = { account, credits, level, alert };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report;
}

function ssm(action: string, input: object): Promise<string> {
  return callAws("ssm", JSON.stringify(input), {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AmazonSSM.${action}`,
  });
}

function publish(subject: string, text: string): Promise<string> {
  const form = new URLSearchParams({
    Action: "Publish",
    Version: "2010-03-31",
    TopicArn: env["TOPIC_ARN"] ?? "",
    Subject: subject,
    Message: JSON.stringify({ default: text }),
    MessageStructure: "json",
  });
  return callAws("sns", form.toString(), { "content-type": "application/x-www-form-urlencoded" });
}

/** A POST signed with Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function callAws(service: string, body: string, contentHeaders: Record<string, string>): Promise<string> {
  const region = env["AWS_REGION"] ?? "";
  const url = new URL(env["AWS_ENDPOINT_URL"] ?? `https://${service}.${region}.amazonaws.com`);
  const time = new Date().toISOString().replace(/[:-]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    ...contentHeaders,
    host: url.host,
    "x-amz-date": time,
    ...(env["AWS_SESSION_TOKEN"] && { "x-amz-security-token": env["AWS_SESSION_TOKEN"] }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    "POST",
    "/",
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    hash(body),
  ].join("\n");
  const key = [time.slice(0, 8), region, service, "aws4_request"].reduce<string | Buffer>(
    (before, part) => hmac(before, part),
    `AWS4${env["AWS_SECRET_ACCESS_KEY"]}`,
  );
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(canonical)].join("\n")).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${env["AWS_ACCESS_KEY_ID"]}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return send(url, "POST", { ...headers, authorization }, body);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function send(url: URL, method: string, headers: Record<string, string>, body = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(
      url,
      { method, headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`));
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
