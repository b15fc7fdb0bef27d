// All our own rules, by domain of provider.

import { apps } from "./providers/apps.ts";
import { azureRules } from "./providers/azure.ts";
import { clouds } from "./providers/clouds.ts";
import { hosting } from "./providers/hosting.ts";
import { keys } from "./providers/keys.ts";
import { messages } from "./providers/messages.ts";
import { models } from "./providers/models.ts";
import { operations } from "./providers/operations.ts";
import { packages } from "./providers/packages.ts";
import { payments } from "./providers/payments.ts";
import { platforms } from "./providers/platforms.ts";
import type { Rule } from "./rule.ts";

export const ownRules: readonly Rule[] = [
  ...keys,
  ...models,
  ...hosting,
  ...packages,
  ...clouds,
  ...azureRules,
  ...platforms,
  ...operations,
  ...messages,
  ...payments,
  ...apps,
];
