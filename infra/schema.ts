/** `npm run schema`: writes settings.schema.json, which editors read. */
import { writeFileSync } from "node:fs";
import { settingsJsonSchema } from "./settings.ts";

writeFileSync(
  new URL("../settings.schema.json", import.meta.url),
  `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`,
);
