// What looks like something a person should be asked about before it is granted: telemetry, experiments, updates, logins. The
// tool's profile says it of the hosts it knows; of others their names do. A body is not on the record, so nothing is told by
// what was sent. Names are attacker-controlled: whoever wants to hide, can; so this is a sieve for the honest, and no wall.

import type { Purpose } from "../../domain/reach.ts";

export type Suspect = "telemetry" | "flags" | "update" | "login";

export interface Suspicion {
  readonly looksLike: Suspect;
  /** Never holds a word of the tool's. */
  readonly because: string;
}

const labels: readonly (readonly [Suspect, RegExp])[] = [
  [
    "telemetry",
    /^(?:amplitude|analytics|applicationinsights|beacon|bugsnag|collector|crash(?:es|lytics|reporting)?|datadog(?:hq)?|events?|fullstory|heap|honeycomb|hotjar|insights|intake|ingest|logrocket|logs|metrics|mixpanel|monitoring|newrelic|otel|otlp|posthog|raygun|rollbar|rum|rudderstack|scarf|segment|sentry|signalfx|splunkcloud|stats|statsd|telemetry|trac(?:es|king|ker))$/,
  ],
  [
    "flags",
    /^(?:configcat|experiments?|featureflags?|flags|flagsmith|growthbook|launchdarkly|optimizely|statsig|unleash)$/,
  ],
  ["update", /^(?:autoupdate|releases?|updates?|upgrade)$/],
  ["login", /^(?:accounts|auth|auth0|identity|login|oauth2?|okta|sso)$/],
];

const segments: readonly (readonly [Suspect, RegExp])[] = [
  [
    "telemetry",
    /^(?:analytics|batch|beacon|collect|crash(?:es)?|envelope|event[_-]?log(?:ging)?|feedback|log_?events?|logs|metrics|rgstr|stats|telemetry|traces|track|usage-report)$/,
  ],
  ["flags", /^(?:experiments?|feature[_-]?flags?|featuregates?|flags|gates)$/],
  ["update", /^(?:autoupdate|check-?updates?|updates?|version-?check)$/],
  ["login", /^(?:authorize|device|devicecode|login|oauth2?|tokens?|tokeninfo)$/],
];

const profiled: readonly Suspect[] = ["telemetry", "flags", "update", "login"];

export function suspect(seen: { readonly host: string; readonly path: string; readonly purpose: Purpose }) {
  const known = profiled.find((purpose) => purpose === seen.purpose);
  if (known !== undefined) return { looksLike: known, because: "the tool's profile says so of this host and path" };
  // what the profile knows for something else is that
  if (seen.purpose !== "other") return undefined;
  return find(labels, seen.host.split(/[.-]/), "host") ?? find(segments, seen.path.toLowerCase().split("/"), "path");
}

function find(table: typeof labels, words: readonly string[], where: string): Suspicion | undefined {
  const found = table.find(([, form]) => words.some((word) => form.test(word)));
  return found === undefined ? undefined : { looksLike: found[0], because: `by a word in its ${where}` };
}
