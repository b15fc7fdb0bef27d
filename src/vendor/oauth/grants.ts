// What an authorisation server knows: codes that a person said yes to, devices that wait, families of tokens. PKCE is verified
// (RFC 7636), devices are told to wait and to slow down (RFC 8628), a refresh token serves once, and one that comes a second time
// ends its whole family (RFC 9700 §4.14.2). Pure but for chance and the clock it is given.

import { createHash, randomBytes } from "node:crypto";

/** Seconds. */
const codeLife = 60;
const deviceLife = 600;

export interface GrantOptions {
  /** Seconds an access token lasts. */
  readonly lifetime: number;
  /** Access and identity tokens are JWTs. */
  readonly jwt: boolean;
  /** What they say beside who it is and when they end. */
  readonly claims: object;
  readonly prefixes: { readonly access: string; readonly refresh: string };
  /** Seconds between two questions of a device. */
  readonly interval: number;
  /** Seconds by which one that asks too early has to wait longer (RFC 8628 §3.5). */
  readonly slower: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface Given {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
}

export type OAuthError = { readonly error: string };

interface Family {
  readonly name: string;
  readonly account: string;
  /** The only refresh token that serves. */
  refresh: string;
  /** Access token → when it ends. */
  readonly access: Map<string, number>;
  rotations: number;
  ended: string | undefined;
}

interface Code {
  readonly challenge: string;
  readonly client: string;
  readonly redirect: string;
  readonly until: number;
}

interface Device {
  readonly user: string;
  readonly until: number;
  interval: number;
  asked: number;
  approved: boolean;
}

export class Grants {
  /** Stands in every real token and nowhere else. */
  readonly watermark = `real${randomBytes(12).toString("hex")}`;
  readonly #options: GrantOptions;
  readonly #families: Family[] = [];
  /** Every refresh token there ever was → its family. */
  readonly #refreshes = new Map<string, Family>();
  readonly #codes = new Map<string, Code>();
  readonly #devices = new Map<string, Device>();

  constructor(options: GrantOptions) {
    this.#options = options;
  }

  get families(): readonly Pick<Family, "name" | "rotations" | "ended">[] {
    return this.#families;
  }

  /** Somebody said yes in the browser. */
  authorise(code: Omit<Code, "until">): string {
    const name = `code-${randomBytes(18).toString("base64url")}`;
    this.#codes.set(name, { ...code, until: this.#options.clock() + codeLife * 1000 });
    return name;
  }

  /** A login that is there already, as on a host. */
  logIn(account = "me@example.org"): Given {
    const name = `family-${this.#families.length}`;
    const family: Family = { name, account, refresh: "", access: new Map(), rotations: 0, ended: undefined };
    this.#families.push(family);
    return this.#give(family);
  }

  redeem(
    name: string,
    asked: { readonly verifier: string; readonly client: string; readonly redirect: string },
  ): Given | OAuthError {
    const code = this.#codes.get(name);
    this.#codes.delete(name);
    const challenge = createHash("sha256").update(asked.verifier).digest("base64url");
    const right =
      code !== undefined &&
      code.until > this.#options.clock() &&
      code.challenge === challenge &&
      code.client === asked.client &&
      code.redirect === asked.redirect;
    return right ? this.logIn() : { error: "invalid_grant" };
  }

  askDevice(): {
    readonly device_code: string;
    readonly user_code: string;
    readonly interval: number;
    readonly expires_in: number;
  } {
    const name = `device-${randomBytes(18).toString("base64url")}`;
    const user = randomBytes(4).toString("hex").toUpperCase();
    const { clock, interval } = this.#options;
    this.#devices.set(name, { user, until: clock() + deviceLife * 1000, interval, asked: clock(), approved: false });
    return { device_code: name, user_code: user, interval, expires_in: deviceLife };
  }

  /** False where no device waits under this code. */
  approve(user: string): boolean {
    const device = [...this.#devices.values()].find((one) => one.user === user);
    if (device !== undefined) device.approved = true;
    return device !== undefined;
  }

  pollDevice(name: string): Given | OAuthError {
    const device = this.#devices.get(name);
    const now = this.#options.clock();
    if (device === undefined || device.until < now) return { error: "expired_token" };
    const early = now - device.asked < device.interval * 1000;
    device.asked = now;
    if (early) {
      device.interval += this.#options.slower;
      return { error: "slow_down" };
    }
    if (!device.approved) return { error: "authorization_pending" };
    this.#devices.delete(name);
    return this.logIn();
  }

  refresh(token: string): Given | OAuthError {
    const family = this.#refreshes.get(token);
    if (family === undefined || family.ended !== undefined) return { error: "invalid_grant" };
    if (family.refresh !== token) {
      family.ended = "a refresh token came a second time";
      family.access.clear();
      return { error: "invalid_grant" };
    }
    family.rotations += 1;
    return this.#give(family);
  }

  /** Access tokens end before their time; who holds a refresh token gets another. */
  endAccess(): void {
    for (const { access } of this.#families) access.clear();
  }

  /** Whether this text is worth anything here, whoever brings it. Changes nothing. */
  accepts(token: string): "access" | "refresh" | undefined {
    const family = this.#refreshes.get(token);
    if (family !== undefined) return family.ended === undefined && family.refresh === token ? "refresh" : undefined;
    return this.accountOf(token) === undefined ? undefined : "access";
  }

  /** Whose access token it is, while it lasts. */
  accountOf(access: string): string | undefined {
    const now = this.#options.clock();
    return this.#families.find((family) => (family.access.get(access) ?? 0) > now)?.account;
  }

  #give(family: Family): Given {
    const { lifetime, clock, jwt, prefixes } = this.#options;
    const expires = clock() + lifetime * 1000;
    const plain = (prefix: string): string => `${prefix}${this.watermark}${randomBytes(30).toString("base64url")}`;
    const access = jwt ? this.#jwt(family, expires) : plain(prefixes.access);
    family.refresh = plain(prefixes.refresh);
    family.access.clear();
    family.access.set(access, expires);
    this.#refreshes.set(family.refresh, family);
    return {
      access_token: access,
      refresh_token: family.refresh,
      ...(jwt ? { id_token: this.#jwt(family, expires) } : {}),
      token_type: "Bearer",
      expires_in: lifetime,
      scope: "user:inference user:profile",
    };
  }

  #jwt(family: Family, expires: number): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = {
      ...this.#options.claims,
      sub: family.name,
      email: family.account,
      exp: Math.floor(expires / 1000),
      jti: randomBytes(12).toString("hex"),
    };
    return `${encode({ alg: "RS256", typ: "JWT", kid: "k1" })}.${encode(claims)}.${this.watermark}${randomBytes(48).toString("base64url")}`;
  }
}
