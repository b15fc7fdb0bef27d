// What services for people's work hand out: documents, tickets, design, customers, maps, social networks.

import { zuploTail } from "../checks.ts";
import { alnum, byName, hex, lower, of, ofBlock, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const notion = of("Notion");
const airtable = of("Airtable");
const linear = of("Linear");
const facebook = of("Facebook");
const contentful = of("Contentful");

export const apps: readonly Rule[] = [
  // developers.notion.com, authorization; the mark changed in 2024
  notion("notion-token", "integration token", `ntn_[0-9]{11}${alnum(35)}`),
  byName("Notion")("notion-legacy-token", "integration token of before 2024", ["notion"], `secret_${alnum(43)}`),
  // airtable.com/developers, authentication
  airtable("airtable-token", "personal access token", `pat${alnum(14)}\\.${hex(64)}`, {
    keywords: ["pat"],
    entropy: 3.4,
  }),
  byName("Airtable")("airtable-legacy-key", "API key of before 2024", ["airtable"], `key${alnum(14)}`),
  // developers.linear.app
  linear("linear-key", "API key", `lin_api_${alnum(40)}`),
  linear("linear-oauth-token", "OAuth token", `lin_oauth_${hex(64)}`),
  linear("linear-webhook-secret", "webhook's signing secret", `lin_wh_${alnum("32,48")}`),
  // figma.com/developers, access tokens
  of("Figma")("figma-token", "personal access token", `fig[dour]_${url("38,50")}`, {
    keywords: ["figd_", "figo_", "figu_", "figr_"],
  }),
  // developers.asana.com: a one, the user's number, a token
  byName("Asana")("asana-token", "personal access token", ["asana"], `[012]/[0-9]{12,20}(?:/[0-9]{12,20})?:${hex(32)}`),
  // developer.clickup.com
  of("ClickUp")("clickup-token", "personal API token", `pk_[0-9]{5,10}_${upperOf(32)}`, {
    keywords: [..."0123456789"].map((digit) => `pk_${digit}`),
  }),
  // typeform.com/developers
  of("Typeform")("typeform-token", "personal access token", `tfp_[0-9A-Za-z_.=-]{40,62}`),
  // developers.hubspot.com, private apps
  of("HubSpot")("hubspot-token", "private app's token", `pat-(?:na|eu|ap)[0-9]-${uuid}`, {
    keywords: ["pat-na", "pat-eu", "pat-ap"],
  }),
  byName("HubSpot")("hubspot-legacy-key", "API key of before 2022", ["hubspot", "hapikey"], uuid),
  // help.salesforce.com: the organisation's number, an exclamation mark, a session
  of("Salesforce")("salesforce-token", "session or access token", `00D${alnum("12,15")}![0-9A-Za-z._]{80,130}`),
  byName("Zendesk")("zendesk-token", "API token", ["zendesk"], alnum(40)),
  byName("Freshdesk")("freshdesk-key", "API key", ["freshdesk_api_key", "freshservice_api_key"], alnum(20)),
  // contentful.com/developers: management tokens
  contentful("contentful-token", "management token", `CFPAT-${url(43)}`),
  byName("Contentful")("contentful-delivery-token", "delivery or preview token", ["contentful"], url(43)),
  // storyblok, prismic, strapi: without a mark
  byName("Strapi")("strapi-token", "API token", ["strapi_token", "strapi_api_token"], hex(256)),
  // docs.mapbox.com, tokens: secret ones; public ones are meant to be seen
  of("Mapbox")("mapbox-secret-token", "secret token", `sk\\.eyJ1Ijoi${url("40,160")}\\.${url(22)}`),
  // dropbox.com/developers, short-lived access tokens
  of("Dropbox")("dropbox-token", "access token", `sl\\.(?:u\\.)?${url("130,1300")}`, { keywords: ["sl."] }),
  // developer.frame.io, and Adobe's client secrets
  of("Frame.io")("frameio-token", "developer token", `fio-u-${url(64)}`),
  of("Adobe")("adobe-client-secret", "OAuth client secret", `p8e-${url(32)}`),
  of("Adafruit")("adafruit-key", "IO key", `aio_[A-Za-z]{4}\\d{2}${alnum(22)}`),
  byName("Beamer")("beamer-key", "API key", ["beamer"], `b_[0-9A-Za-z_=+/-]{44}`),
  // developers.facebook.com, access tokens
  facebook("facebook-token", "access token", `EAA[A-Z][0-9A-Za-z]{90,400}`, { keywords: ["eaa"], entropy: 4 }),
  byName("Facebook")(
    "facebook-secret",
    "app secret",
    ["facebook_app_secret", "fb_app_secret", "facebook_client_secret", "facebook_secret"],
    hex(32),
  ),
  of("Instagram")("instagram-token", "access token", `IGQ[VW][0-9A-Za-z_-]{100,400}`, { keywords: ["igqv", "igqw"] }),
  // developer.x.com: bearer tokens of apps begin with many times A
  of("X")("x-bearer-token", "bearer token of an app", `AAAAAAAAAAAAAAAAAAAAA[0-9A-Za-z%]{60,160}`),
  byName("X")(
    "x-consumer-secret",
    "consumer or access secret",
    ["twitter_consumer_secret", "twitter_api_secret", "twitter_access_token_secret", "twitter_access_secret"],
    alnum("45,50"),
  ),
  byName("LinkedIn")(
    "linkedin-secret",
    "client secret",
    ["linkedin_client_secret", "linkedin_secret"],
    "(?:WPL_AP[01]\\.[0-9A-Za-z]{16}\\.[0-9A-Za-z+/=]{8}|[0-9A-Za-z]{16})",
  ),
  byName("Twitch")(
    "twitch-secret",
    "client secret or token",
    ["twitch_client_secret", "twitch_secret", "twitch_oauth", "twitch_token"],
    lower(30),
  ),
  byName("Spotify")("spotify-secret", "client secret", ["spotify_client_secret", "spotify_secret"], hex(32)),
  byName("Discord")("discord-client-secret", "client secret", ["discord_client_secret"], url(32)),
  of("Pinterest")("pinterest-token", "access token", `pina_${alnum("60,140")}`),
  // docs.apify.com, api docs of RapidAPI
  of("Apify")("apify-token", "API token", `apify_api_${alnum("34,38")}`),
  byName("RapidAPI")(
    "rapidapi-key",
    "API key",
    ["rapidapi", "x-rapidapi-key"],
    `${hex(10)}msh${hex(15)}p${hex(6)}jsn${hex(12)}`,
  ),
  byName("OpenWeather")("openweather-key", "API key", ["openweather", "owm_api_key"], hex(32)),
  byName("Shodan")("shodan-key", "API key", ["shodan"], alnum(32)),
  byName("VirusTotal")("virustotal-key", "API key", ["virustotal", "vt_api_key"], hex(64)),
  byName("SecurityTrails")("securitytrails-key", "API key", ["securitytrails"], alnum(32)),
  // authress.io, unkey.com, zuplo.com: keys of gateways
  of("Authress")(
    "authress-key",
    "service client access key",
    `(?:sc|ext|scauth|authress)_[0-9a-z]{5,30}\\.[0-9a-z]{4,6}\\.acc[_-][0-9a-z-]{10,32}\\.[0-9A-Za-z+/_=-]{30,120}`,
    {
      keywords: ["sc_", "ext_", "scauth_", "authress_"],
    },
  ),
  of("Unkey")("unkey-root-key", "root key", `unkey_${alnum("16,24")}`),
  of("Zuplo")("zuplo-key", "API key", `zpka_${lower(32)}_${hex(8)}`, { check: zuploTail }),
  // api.intra.42.fr
  of("42")("intra42-secret", "client secret", `s-s4t2(?:ud|af)-${hex(64)}`),
  // shopee, monday and calendly hand out JWTs, found as such; canva, bitly, imgur, flickr: without a mark
  byName("Bitly")("bitly-token", "access token", ["bitly"], hex(40)),
  byName("Flickr")("flickr-key", "API key", ["flickr_api_key", "flickr_key", "flickr_secret"], `${hex(32)}|${hex(16)}`),
  byName("NASA")("nasa-key", "API key", ["nasa_api_key"], alnum(40)),
  byName("Yelp")("yelp-key", "API key", ["yelp_api_key"], url(128)),
  byName("Sendbird")("sendbird-token", "API token", ["sendbird"], hex(40)),
  byName("Segment")("segment-write-key", "write key", ["segment_write_key"], alnum(32)),
  byName("Amplitude")("amplitude-secret", "secret key", ["amplitude_secret_key", "amplitude_api_key"], hex(32)),
  byName("Mixpanel")("mixpanel-secret", "API secret", ["mixpanel_secret", "mixpanel_api_secret"], hex(32)),
  byName("reCAPTCHA")(
    "recaptcha-secret",
    "secret key",
    ["recaptcha_secret", "recaptcha_secret_key", "recaptcha_private_key"],
    `6L[a-zA-Z]${url(37)}`,
  ),
  byName("hCaptcha")("hcaptcha-secret", "secret key", ["hcaptcha"], `(?:0x[0-9A-Fa-f]{40}|ES_${hex(32)})`),
  of("Val Town")("valtown-token", "API token", `vtwn_${alnum("24,40")}`),
  of("WakaTime")("wakatime-key", "API key", `waka_${uuid}`),
  ofBlock("Google")(
    "google-calendar-address",
    "private calendar address",
    `calendar\\.google\\.com/calendar/ical/[^/\\s]{3,120}/private-${hex(32)}`,
    { entropy: 2.5 },
  ),
];

function upperOf(count: number): string {
  return `[0-9A-Z]{${count}}`;
}
