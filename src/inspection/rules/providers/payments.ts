// What services of payment, banking and trade hand out.

import { alnum, byName, hex, lower, of, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const stripe = of("Stripe");
const square = of("Square");
const shopify = of("Shopify");
const easypost = of("EasyPost");
const plaid = of("Plaid");
const flutterwave = of("Flutterwave");

export const payments: readonly Rule[] = [
  // docs.stripe.com/keys; other services took the same marks for theirs
  stripe("stripe-secret-key", "secret key", `sk_(?:live|test|prod)_${alnum("24,247")}`, {
    keywords: ["sk_live_", "sk_test_", "sk_prod_"],
  }),
  stripe("stripe-restricted-key", "restricted key", `rk_(?:live|test|prod)_${alnum("24,247")}`, {
    keywords: ["rk_live_", "rk_test_", "rk_prod_"],
  }),
  // docs.stripe.com/webhooks; Standard Webhooks' secrets look the same
  stripe("webhook-signing-secret", "webhook's signing secret", `whsec_[0-9A-Za-z+/]{32,88}={0,2}`),
  // developer.squareup.com, access tokens
  square("square-access-token", "access token", `EAAA${url(60)}`),
  square("square-personal-token", "access token of the first kind", `sq0atp-${url(22)}`),
  square("square-oauth-secret", "OAuth secret", `sq0csp-${url(43)}`),
  // developer.paypal.com/braintree, access tokens
  of("Braintree")(
    "braintree-token",
    "access token",
    `access_token\\$(?:production|sandbox)\\$[0-9a-z]{16}\\$${hex(32)}`,
    {
      keywords: ["access_token$production$", "access_token$sandbox$"],
    },
  ),
  // shopify.dev, access tokens: since 2020 each kind has its mark
  shopify("shopify-access-token", "access token", `shpat_${hex(32)}`),
  shopify("shopify-custom-token", "custom app's token", `shpca_${hex(32)}`),
  shopify("shopify-private-token", "private app's token", `shppa_${hex(32)}`),
  shopify("shopify-shared-secret", "shared secret", `shpss_${hex(32)}`),
  shopify("shopify-partner-token", "partner's token", `prtapi_${hex(32)}`),
  // plaid.com/docs, access tokens
  plaid("plaid-access-token", "access token", `access-(?:sandbox|development|production)-${uuid}`, {
    keywords: ["access-sandbox-", "access-development-", "access-production-"],
  }),
  byName("Plaid")("plaid-secret", "secret", ["plaid_secret"], hex(30)),
  // razorpay.com/docs, API keys: the id is marked, its secret is not
  of("Razorpay")("razorpay-key-id", "key id", `rzp_(?:live|test)_${alnum(14)}`, {
    keywords: ["rzp_live_", "rzp_test_"],
  }),
  byName("Razorpay")("razorpay-secret", "key secret", ["razorpay_key_secret", "razorpay_secret"], alnum(24)),
  // developer.flutterwave.com, keys of test and live
  flutterwave("flutterwave-secret-key", "secret key", `FLWSECK(?:_TEST)?-${lower("32,40")}-X`, {
    keywords: ["flwseck-", "flwseck_test-"],
  }),
  flutterwave("flutterwave-encryption-key", "encryption key", `FLWSECK_TEST-?${hex(12)}`),
  // docs.adyen.com, API credentials
  of("Adyen")(
    "adyen-key",
    "API key",
    `AQE[a-z]h[0-9A-Za-z+/]{60,300}-[0-9A-Za-z+/]{20,60}={0,2}-[^\\s"'<>&\\\\]{10,40}`,
    {
      keywords: [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => `aqe${letter}h`),
    },
  ),
  // easypost.com/docs, authentication
  easypost("easypost-production-key", "production key", `EZAK${alnum(54)}`),
  easypost("easypost-test-key", "test key", `EZTK${alnum(54)}`),
  // docs.goshippo.com, and duffel.com/docs
  of("Shippo")("shippo-token", "API token", `shippo_(?:live|test)_${hex(40)}`, {
    keywords: ["shippo_live_", "shippo_test_"],
  }),
  of("Duffel")("duffel-token", "access token", `duffel_(?:live|test)_${url(43)}`, {
    keywords: ["duffel_live_", "duffel_test_"],
  }),
  // developer.paddle.com, API keys: a mark, an id, a secret and a checksum of three
  of("Paddle")("paddle-key", "API key", `pdl_(?:live|sdbx)_apikey_${lower(26)}_${alnum(22)}_${alnum(3)}`, {
    keywords: ["pdl_live_", "pdl_sdbx_"],
  }),
  // mercadopago.com/developers, credentials
  of("Mercado Pago")("mercadopago-token", "access token", `APP_USR-[0-9]{14,18}-[0-9]{6}-${hex(32)}-[0-9]{6,12}`),
  // developers.xendit.co, API keys
  of("Xendit")("xendit-key", "secret key", `xnd_(?:production|development)_${alnum("40,80")}`, {
    keywords: ["xnd_production_", "xnd_development_"],
  }),
  // docs.mollie.com, API keys
  of("Mollie")("mollie-key", "API key", `(?:live|test)_${alnum(30)}(?!-)`, {
    keywords: ["live_", "test_"],
    entropy: 3.6,
  }),
  // docs.polar.sh, organisation access tokens
  of("Polar")("polar-token", "access token", `polar_(?:oat|pat|at_o|at_u)_${alnum("40,60")}`, {
    keywords: ["polar_oat_", "polar_pat_", "polar_at_"],
  }),
  // developer.gocardless.com and lob.com: short marks, known by the name beside them
  byName("GoCardless")("gocardless-token", "access token", ["gocardless"], `(?:live|sandbox)_${url(40)}`),
  byName("Lob")("lob-key", "API key", ["lob_api_key", "lob_key"], `(?:live|test)_${hex(35)}`),
  byName("PayPal")("paypal-secret", "client secret", ["paypal_client_secret", "paypal_secret"], url(80)),
  byName("Coinbase")("coinbase-secret", "API secret", ["coinbase_api_secret", "coinbase_secret"], alnum(32)),
  byName("Binance")(
    "binance-key",
    "API key or secret",
    ["binance_api_key", "binance_api_secret", "binance_secret"],
    alnum(64),
  ),
  byName("Kraken")(
    "kraken-secret",
    "private key",
    ["kraken_private_key", "kraken_api_secret", "kraken_secret"],
    "[0-9A-Za-z+/]{86}==",
  ),
  byName("Etherscan")("etherscan-key", "API key", ["etherscan_api_key", "etherscan_key"], "[0-9A-Z]{34}"),
  byName("Infura")(
    "infura-key",
    "project id or secret",
    ["infura_api_key", "infura_project_secret", "infura_project_id"],
    hex(32),
  ),
  byName("Alchemy")("alchemy-key", "API key", ["alchemy_api_key", "alchemy_key"], url(32)),
];
