import { describe, expect, it } from "vitest";
import { readTemplate } from "../../../local/deployed/template.ts";

describe("a template", () => {
  const hash = "a".repeat(64);
  const code = { Type: "AWS::Lambda::Function", Properties: { Code: { S3Key: `${hash}.zip` } } };
  const email = {
    Type: "AWS::SNS::Subscription",
    Properties: { Protocol: "email", Endpoint: "me@example.com", TopicArn: { Ref: "Topic" } },
  };
  const phone = {
    Type: "AWS::SNS::Subscription",
    Properties: { Protocol: "sms", Endpoint: "+491511234567", FilterPolicy: { sms: ["yes"] } },
  };

  it("tells each asset once, and those whom it subscribes", () => {
    expect(
      readTemplate(JSON.stringify({ Resources: { One: code, Two: code, email, phone } }, null, 1)),
    ).toEqual({
      assets: [hash],
      subscribers: [
        { protocol: "email", endpoint: "me@example.com", filter: undefined },
        { protocol: "sms", endpoint: "+491511234567", filter: { sms: ["yes"] } },
      ],
    });
  });

  it.each(["", "not: json", "[]", '{"Resources":{"A":null,"B":{"Type":"AWS::SNS::Subscription"}}}'])(
    "that is not as expected tells nothing: %s",
    (body) => expect(readTemplate(body)).toEqual({ assets: [], subscribers: [] }),
  );
});
