// What Microsoft's cloud hands out. Its keys of since 2021 carry a mark at a fixed place (github.com/microsoft/security-utilities,
// identifiable secrets); older ones are known by the connection string they stand in (learn.microsoft.com, connection strings).

import { octets } from "../checks.ts";
import { alnum, base64, byName, hex, notAfter, of, ofBlock, url } from "../make.ts";
import type { Rule } from "../rule.ts";

const azure = of("Azure");
const inString = ofBlock("Azure");

/** 32 octets in base64, the mark behind 33 characters; 64 octets, behind 76. Base64 edges: what goes on is longer. */
function short(id: string, what: string, mark: string): Rule {
  return identifiable(id, what, { mark, ahead: 33, tail: `[A-P]${base64(5)}=`, size: 32 });
}

function long(id: string, what: string, mark: string): Rule {
  return identifiable(id, what, { mark, ahead: 76, tail: `${base64(5)}[AQgw]==`, size: 64 });
}

interface Marked {
  readonly mark: string;
  readonly ahead: number;
  readonly tail: string;
  readonly size: number;
}

function identifiable(id: string, what: string, { mark, ahead, tail, size }: Marked): Rule {
  return inString(
    id,
    what,
    `${notAfter("0-9A-Za-z+/")}${base64(ahead)}${mark.replace("+", "\\+")}${tail}(?![0-9A-Za-z+/=])`,
    {
      keywords: [mark.toLowerCase()],
      at: [ahead],
      check: octets(size),
    },
  );
}

export const azureRules: readonly Rule[] = [
  long("azure-storage-key", "storage account key", "+ASt"),
  long("azure-cosmos-key", "Cosmos DB key", "ACDb"),
  long("azure-batch-key", "Batch account key", "+ABa"),
  long("azure-ml-key", "Machine Learning classic service key", "+AMC"),
  long("azure-apim-key", "API Management key", "APIM"),
  short("azure-redis-key", "Cache for Redis key", "AzCa"),
  short("azure-eventhub-key", "Event Hubs key", "+AEh"),
  short("azure-servicebus-key", "Service Bus key", "+ASb"),
  short("azure-relay-key", "Relay key", "+ARm"),
  short("azure-iot-key", "IoT Hub key", "AIoT"),
  short("azure-eventgrid-key", "Event Grid key", "AZEG"),
  azure("azure-registry-password", "Container Registry password", `${base64(42)}\\+ACR[A-D]${base64(5)}`, {
    keywords: ["+acr"],
    at: [42],
  }),
  azure("azure-search-key", "AI Search key", `${alnum(42)}AzSe[A-D]${alnum(5)}`, { keywords: ["azse"], at: [42] }),
  azure("azure-function-key", "Functions key", `${url(44)}AzFu${url(5)}[AQgw]==`, { keywords: ["azfu"], at: [44] }),
  // common annotated security keys: OpenAI service, Cognitive Services and what came after
  azure(
    "azure-annotated-key",
    "annotated key of an Azure service",
    `${alnum(52)}JQQJ9[9DH]${alnum(1)}[A-L]${alnum(16)}[A-Za-z]${alnum(7)}`,
    {
      keywords: ["jqqj9"],
      at: [52],
    },
  ),
  // learn.microsoft.com/entra, application credentials
  azure("azure-client-secret", "Entra client secret", `[0-9A-Za-z_~.-]{3}[78]Q~[0-9A-Za-z_~.-]{31,34}`, {
    keywords: ["7q~", "8q~"],
    at: [3],
  }),
  inString("azure-account-key", "storage or Cosmos DB key in a connection string", `AccountKey=(${base64(86)}==)`, {
    keywords: ["accountkey="],
    group: 1,
    check: octets(64),
  }),
  inString(
    "azure-shared-access-key",
    "Service Bus, Event Hubs or IoT Hub key in a connection string",
    `SharedAccessKey=(${base64(43)}=)`,
    {
      keywords: ["sharedaccesskey="],
      group: 1,
      check: octets(32),
    },
  ),
  inString(
    "azure-appconfig-secret",
    "App Configuration secret in a connection string",
    `\\.azconfig\\.io;Id=[^;\\s]{1,80};Secret=(${base64("42,90")}={0,2})`,
    {
      keywords: [".azconfig.io"],
      group: 1,
    },
  ),
  inString(
    "azure-shared-access-signature",
    "shared access signature",
    // what else belongs to one stands before it or behind it
    `[?&]sig=([0-9A-Za-z%+/]{43,60}(?:%3[dD]|=))(?:(?=&s[a-z]=)|(?<=[?&]s[a-z]=[^\\s"'<>]{1,400}))`,
    {
      keywords: ["sig="],
      at: [1],
      group: 1,
    },
  ),
  byName("Azure")(
    "azure-service-key",
    "key of a Cognitive Services or OpenAI resource",
    ["azure_openai_api_key", "azure_openai_key", "ocp-apim-subscription-key", "cognitive_services_key"],
    hex(32),
  ),
];
