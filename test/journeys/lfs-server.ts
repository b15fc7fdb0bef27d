// A store of large files behind a git server over https (git-lfs's docs/api): batches, and objects that come and go. It hands out what
// its objects are to be asked for with as forges do, each in its own way.

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** Nothing: ask as before; the very header it was asked with; a token of the server's own. */
export type Handing = "nothing" | "the same" | "a token";

/** What opens its batches too, where somebody was lent it over ssh. */
export const lentToken = "RemoteAuth lent-over-ssh-0123456789";
export const ownToken = "RemoteAuth token-of-the-servers-own";

type Asked = IncomingMessage | Http2ServerRequest;
type Answering = ServerResponse | Http2ServerResponse;

export class LargeFiles {
  readonly objects = new Map<string, Buffer>();
  /** The header that objects were asked for with. */
  readonly given: (string | undefined)[] = [];
  readonly #handing: Handing;
  readonly #host: string;

  constructor(host: string, handing: Handing) {
    this.#host = host;
    this.#handing = handing;
  }

  isAsked({ url = "" }: Asked): boolean {
    return url.includes("/info/lfs/");
  }

  /** Its own token opens objects, and nothing else; the lent one batches too. */
  knows({ url = "", headers }: Asked): boolean {
    if (headers.authorization === lentToken) return this.isAsked({ url } as Asked);
    return url.includes("/info/lfs/objects/o/") && headers.authorization === ownToken;
  }

  async answer(request: Asked, response: Answering): Promise<void> {
    const body = await wholeOf(request);
    const url = request.url ?? "";
    const [, path = "", oid = ""] = /^(.*\/info\/lfs)\/objects\/o\/([0-9a-f]{64})$/.exec(url) ?? [];
    if (path !== "") this.#object({ oid, body }, request, response);
    else if (url.endsWith("/objects/batch")) this.#batch(body, request, response);
    else give(response, 404, "{}");
  }

  #object({ oid, body }: { readonly oid: string; readonly body: Buffer }, request: Asked, response: Answering): void {
    this.given.push(request.headers.authorization);
    if (request.method === "PUT") {
      const same = createHash("sha256").update(body).digest("hex") === oid;
      if (same) this.objects.set(oid, body);
      give(response, same ? 200 : 422, "");
    } else {
      const found = this.objects.get(oid);
      give(response, found === undefined ? 404 : 200, found ?? "");
    }
  }

  #batch(body: Buffer, request: Asked, response: Answering): void {
    const { operation, objects } = JSON.parse(body.toString()) as {
      readonly operation: "upload" | "download";
      readonly objects: readonly { readonly oid: string; readonly size: number }[];
    };
    const base = (request.url ?? "").slice(0, -"/objects/batch".length);
    const handed = { nothing: undefined, "the same": request.headers.authorization, "a token": ownToken }[
      this.#handing
    ];
    const header = handed === undefined ? {} : { header: { Authorization: handed } };
    const answered = objects.map(({ oid, size }) => {
      const action = { href: `https://${this.#host}${base}/objects/o/${oid}`, ...header };
      const needed = operation === "download" || !this.objects.has(oid);
      return {
        oid,
        size,
        authenticated: handed !== undefined,
        ...(needed ? { actions: { [operation]: action } } : {}),
      };
    });
    give(response, 200, JSON.stringify({ transfer: "basic", objects: answered }));
  }
}

function give(response: Answering, status: number, body: string | Buffer): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/vnd.git-lfs+json");
  response.end(body);
}

async function wholeOf(request: Asked): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
