// What we use of the package `ws`, which brings no types of its own.

declare module "ws" {
  import type { EventEmitter } from "node:events";
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export interface ServerOptions {
    readonly noServer: true;
    readonly maxPayload?: number;
    readonly perMessageDeflate?: boolean | object;
  }

  export interface ClientOptions {
    readonly createConnection?: () => Duplex;
    readonly perMessageDeflate?: boolean | object;
    readonly headers?: Readonly<Record<string, string>>;
  }

  export class WebSocket extends EventEmitter {
    constructor(url: string, options?: ClientOptions);
    readonly readyState: number;
    readonly extensions: string;
    send(data: string | Buffer, options?: object, done?: (error?: Error) => void): void;
    ping(data?: string | Buffer): void;
    pong(data?: string | Buffer): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: ServerOptions);
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: WebSocket) => void): void;
    close(): void;
  }
}
