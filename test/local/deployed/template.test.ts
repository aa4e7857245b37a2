import { describe, expect, it } from "vitest";
import { readTemplate } from "../../../local/deployed/template.ts";

describe("a template", () => {
  const email = {
    Type: "AWS::SNS::Subscription",
    Properties: { Protocol: "email", Endpoint: "me@example.com", TopicArn: { Ref: "Topic" } },
  };
  const phone = {
    Type: "AWS::SNS::Subscription",
    Properties: { Protocol: "sms", Endpoint: "+491511234567", FilterPolicy: { sms: ["yes"] } },
  };

  it("tells those whom it subscribes", () => {
    expect(
      readTemplate(JSON.stringify({ Resources: { Code: { Type: "AWS::Lambda::Function" }, email, phone } })),
    ).toEqual({
      subscribers: [
        { protocol: "email", endpoint: "me@example.com", filter: undefined },
        { protocol: "sms", endpoint: "+491511234567", filter: { sms: ["yes"] } },
      ],
    });
  });

  it("tells those who were filled in for its parameters, and nobody where none was", () => {
    const filledIn = (name: string) => ({
      ...phone,
      Properties: { ...phone.Properties, Endpoint: { Ref: name } },
    });
    const body = JSON.stringify({
      Resources: { One: filledIn("Phone"), Two: filledIn("Other"), Three: filledIn("X") },
    });
    expect(readTemplate(body, { Phone: "+491511234567", Other: "" })).toEqual({
      subscribers: [{ protocol: "sms", endpoint: "+491511234567", filter: { sms: ["yes"] } }],
    });
  });

  it.each(["", "not: json", "[]", '{"Resources":{"A":null,"B":{"Type":"AWS::SNS::Subscription"}}}'])(
    "that is not as expected tells nothing: %s",
    (body) => expect(readTemplate(body)).toEqual({ subscribers: [] }),
  );
});
