/** A command that says what setup says, for the tests of how it fits a terminal. */
import { parseSettings } from "../../infra/settings.ts";
import { createMain } from "../../local/command.ts";
import { createTerminalPrompts } from "../../local/prompts.ts";
import { summaryOf } from "../../local/setup/deploy.ts";
import { describe } from "../../local/setup/settings.ts";

export const main = createMain(
  { script: "summaries", description: "Says what setup says.", options: {} },
  async (_, io) => {
    const prompts = createTerminalPrompts(io, "summaries");
    const settings = parseSettings(
      {
        emails: ["somebody.with.a.long.name@a-company-of-some-length.example.com", "me@example.com"],
        phones: ["+4915112345667"],
        webhooks: [{ name: "team" }, { name: "slack" }],
        accounts: [{ name: "music" }, { name: "video" }],
      },
      "",
    );
    const identity = { account: "123456789012", who: "user/me", region: "ap-southeast-2" };
    const choice = {
      ...settings,
      timeZone: "Europe/Berlin",
      everyMinutes: 15,
      warningCredits: 1000,
      criticalCredits: 300,
    };
    const balances = [
      { account: "music", credits: 12_400 },
      { account: "video", credits: 3_883.5 },
    ];
    prompts.begin("Kie credit alert: setup");
    prompts.say("Who is told, and when", describe(choice, balances, 0.005, [], settings.webhooks));
    prompts.say("What will be deployed, unless it is there already", summaryOf(settings, identity));
    prompts.fine(
      `Kie key of music: 12,400 credits. Stored encrypted in SSM as /kie-credit-alert/music/api-key`,
    );
    prompts.warn("https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html is where it is.");
    prompts.end("Done. You will hear before your credits run out.");
    return 0;
  },
);
