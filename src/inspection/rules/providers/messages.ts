// What services of chat, mail and telephone hand out, and the addresses that are secrets themselves.

import { discordToken } from "../checks.ts";
import { alnum, base64, byName, digits, hex, lower, of, ofBlock, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const slack = of("Slack");
const slackUrl = ofBlock("Slack");
const discord = of("Discord");
const sendinblue = of("Brevo");
const mailgun = of("Mailgun");

/** A bot's number has 17 to 20 digits; the first three letters of their base64 hold the first two digits. */
const botNumbers = Array.from({ length: 90 }, (_, two) =>
  Buffer.from(`${two + 10}0`)
    .toString("base64")
    .slice(0, 3),
);
/** Twilio's secret ids have two letters of mark: with the first of their digits they are keywords. */
const twilioMarks = [..."0123456789abcdef"].map((digit) => `sk${digit}`);

export const messages: readonly Rule[] = [
  // api.slack.com/authentication/token-types
  slack("slack-bot-token", "bot token", `xoxb-${digits("9,14")}-(?:${digits("9,14")}-)?${alnum("18,34")}`),
  slack(
    "slack-user-token",
    "user token",
    `xoxp-${digits("9,14")}-${digits("9,14")}-(?:${digits("9,14")}-)?${alnum("28,36")}`,
  ),
  slack("slack-app-token", "app-level token", `xapp-\\d-[A-Z0-9]{9,15}-${digits("9,15")}-${hex(64)}`),
  slack("slack-config-token", "configuration access token", `xoxe\\.xox[bp]-\\d-${alnum("140,180")}`),
  slack("slack-refresh-token", "refresh token", `xoxe-\\d-${alnum("130,160")}`),
  slack(
    "slack-legacy-token",
    "legacy or workspace token",
    `xox[aors]-(?:\\d-)?(?:${digits("8,14")}-)?(?:${digits("8,14")}-)?(?:${digits("8,14")}-)?${alnum("16,64")}`,
    {
      keywords: ["xoxa-", "xoxo-", "xoxr-", "xoxs-"],
    },
  ),
  slack(
    "slack-session-token",
    "session token",
    `xoxc-${digits("9,15")}-${digits("9,15")}-${digits("9,15")}-${hex(64)}`,
  ),
  slack("slack-session-cookie", "session cookie", `xoxd-[0-9A-Za-z%+/=]{60,400}`),
  slackUrl(
    "slack-webhook",
    "incoming webhook",
    `hooks\\.slack\\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/${alnum("23,25")}`,
  ),
  slackUrl(
    "slack-workflow-webhook",
    "workflow or trigger webhook",
    `hooks\\.slack\\.com/(?:workflows|triggers)/[TE][A-Z0-9]{8,12}/[0-9A-Z]{8,24}(?:/[0-9]{8,24})?/[0-9A-Za-z]{20,40}`,
    {
      keywords: ["hooks.slack.com/workflows", "hooks.slack.com/triggers"],
    },
  ),
  // discord.com/developers/docs/reference, authentication; resources/webhook
  discord("discord-bot-token", "bot token", `[MNO][0-9A-Za-z_-]{22,27}\\.${url(6)}\\.${url("27,40")}`, {
    keywords: [...new Set(botNumbers.map((letters) => letters.toLowerCase()))],
    check: discordToken,
  }),
  discord("discord-mfa-token", "token of a user with a second factor", `mfa\\.${url("80,100")}`),
  ofBlock("Discord")(
    "discord-webhook",
    "webhook",
    `discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/${digits("17,20")}/${url("60,72")}`,
    {
      keywords: ["discord.com/api/", "discordapp.com/api/"],
    },
  ),
  // core.telegram.org/bots/api, authorizing your bot: the bot's number, a colon, 35 characters
  of("Telegram")("telegram-bot-token", "bot token", `${digits("8,10")}:AA${url(33)}`, {
    keywords: [":aa"],
    at: [8, 9, 10],
  }),
  // learn.microsoft.com/microsoftteams, incoming webhooks
  ofBlock("Microsoft Teams")(
    "teams-webhook",
    "incoming webhook",
    `\\.webhook\\.office\\.com/webhookb2/${uuid}@${uuid}/IncomingWebhook/${hex(32)}/${uuid}`,
  ),
  // developers.google.com/workspace/chat, webhooks
  ofBlock("Google Chat")(
    "google-chat-webhook",
    "webhook",
    `chat\\.googleapis\\.com/v1/spaces/${url("8,14")}/messages\\?key=${url(39)}&token=[0-9A-Za-z_%-]{30,60}`,
  ),
  // open.dingtalk.com, developer.work.weixin.qq.com, open.feishu.cn: robots' addresses
  ofBlock("DingTalk")(
    "dingtalk-webhook",
    "robot's address",
    `oapi\\.dingtalk\\.com/robot/send\\?access_token=${hex(64)}`,
  ),
  ofBlock("WeCom")("wecom-webhook", "robot's address", `qyapi\\.weixin\\.qq\\.com/cgi-bin/webhook/send\\?key=${uuid}`),
  ofBlock("Lark")(
    "lark-webhook",
    "robot's address",
    `open\\.(?:feishu\\.cn|larksuite\\.com)/open-apis/bot/v2/hook/${uuid}`,
    {
      keywords: ["open.feishu.cn/", "open.larksuite.com/"],
    },
  ),
  // zapier.com/help, webhooks
  ofBlock("Zapier")("zapier-webhook", "webhook", `hooks\\.zapier\\.com/hooks/catch/${digits("5,9")}/${alnum("6,8")}`, {
    entropy: 2.5,
  }),
  // twilio.com/docs, API keys; account tokens have no mark
  of("Twilio")("twilio-key", "API key", `SK${hex(32)}`, { keywords: twilioMarks }),
  byName("Twilio")("twilio-auth-token", "account's token", ["twilio"], hex(32)),
  // sendgrid.com/docs, API keys
  of("SendGrid")("sendgrid-key", "API key", `SG\\.${url(22)}\\.${url(43)}`),
  // documentation.mailgun.com: private keys of two kinds
  mailgun("mailgun-key", "private API key", `key-${hex(32)}`),
  byName("Mailgun")("mailgun-signing-key", "signing or sending key", ["mailgun"], `${hex(32)}-${hex(8)}-${hex(8)}`),
  // mailchimp.com/developer: the data centre follows the key
  of("Mailchimp")("mailchimp-key", "API key", `${hex(32)}-us[0-9]{1,2}`, { keywords: ["-us"], at: [32] }),
  of("Mailchimp")("mandrill-key", "transactional key", `md-${url(22)}`, { entropy: 3.5 }),
  // developers.brevo.com, API keys and SMTP keys
  sendinblue("brevo-key", "API key", `xkeysib-${hex(64)}-${alnum(16)}`),
  sendinblue("brevo-smtp-key", "SMTP key", `xsmtpsib-${hex(64)}-${alnum(16)}`),
  // resend.com/docs, API keys
  of("Resend")("resend-key", "API key", `re_${alnum("8,10")}_${alnum(24)}`),
  // developers.mailersend.com
  of("MailerSend")("mailersend-token", "API token", `mlsn\\.${hex(64)}`),
  byName("Postmark")("postmark-token", "server or account token", ["postmark", "x-postmark-server-token"], uuid),
  // developers.intercom.com: base64 of "tok:" and what follows
  of("Intercom")("intercom-token", "access token", `dG9rO${base64("53,55")}=`),
  // documentation.onesignal.com, keys and IDs
  of("OneSignal")("onesignal-key", "app or organisation key", `os_v2_(?:app|org)_${lower("90,110")}`, {
    keywords: ["os_v2_"],
  }),
  // courier.com/docs, authentication
  of("Courier")("courier-key", "API key", `(?:pk_prod|dk_prod|dk_test)_${alnum("24,28")}`, {
    keywords: ["pk_prod_", "dk_prod_", "dk_test_"],
  }),
  // pubnub.com/docs: the secret key of a keyset
  of("PubNub")("pubnub-secret-key", "secret key", `sec-c-${base64("46,64")}`),
  byName("Vonage")("vonage-secret", "API secret", ["vonage_api_secret", "nexmo_api_secret"], alnum(16)),
  byName("Pusher")("pusher-secret", "app secret", ["pusher_app_secret", "pusher_secret"], hex(20)),
  byName("MessageBird")("messagebird-key", "access key", ["messagebird"], alnum(25)),
];
