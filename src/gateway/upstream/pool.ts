// Ways upstream that are kept, by the place and grant they were opened for: never lent across two grants. A line of HTTP/1.1
// carries one request at a time, a carrier of HTTP/2 many.

import type { Socket } from "node:net";
import type { Limits } from "../limits.ts";
import { Carriers } from "./carriers.ts";
import type { Dial, HttpVersion, Route } from "./dial.ts";
import { openDialling } from "./dialling.ts";
import { Http1Line } from "./http1-line.ts";
import { IdleLines } from "./idle-lines.ts";
import type { Line } from "./line.ts";
import { Versions } from "./versions.ts";

export interface Way {
  readonly version: HttpVersion;
  /** Not a kept one. */
  readonly fresh: boolean;
}

export interface Pool {
  /** A line that is free. Rejects as Dial does, or with a Fault `busy`. */
  readonly take: (route: Route, way?: Partial<Way>) => Promise<Line>;
  /**
   * Which of these, in the order they are preferred, the upstream speaks: as it said before, or by dialling it, and that
   * connection is kept. Undefined where it cannot be reached. Whoever asks has the receipt already.
   */
  readonly versionOf: (route: Route, offers: readonly HttpVersion[]) => Promise<HttpVersion | undefined>;
  readonly close: () => void;
}

/** `clock`: milliseconds, of one that no setting of the time moves. */
export function openPool(dial: Dial, limits: Limits, clock: () => number = () => performance.now()): Pool {
  const idle = new IdleLines(limits);
  const carriers = new Carriers(limits, clock);
  const versions = new Versions(limits.sessions);
  const dialling = openDialling(dial, limits, () => idle.dropOne() || carriers.dropOne());

  const line = (key: string, socket: Socket): Http1Line => {
    const made = new Http1Line(socket, limits);
    made.onClosed = () => idle.forget(key, made);
    made.onIdle = () => idle.keep(key, made);
    return made;
  };

  const carrier = async (key: string, fresh: boolean, open: () => Promise<Socket>): Promise<Line> => {
    try {
      return await carriers.take(key, fresh, open);
    } catch (error) {
      versions.forget(key);
      throw error;
    }
  };

  return {
    take: async (route, { version = "http/1.1", fresh = false } = {}) => {
      const key = keyOf(route);
      const open = () => dialling.open({ ...route, offers: [version] });
      if (version === "h2") return carrier(key, fresh, open);
      return (fresh ? undefined : idle.take(key)) ?? line(key, await open());
    },
    versionOf: (route, offers) => {
      const key = keyOf(route);
      const keep = (socket: Socket, version: HttpVersion): void => {
        if (version === "h2") carriers.adopt(key, socket);
        else idle.keep(key, line(key, socket));
      };
      return versions.of(key, () => dialling.open({ ...route, offers }), keep);
    },
    close: dialling.close,
  };
}

function keyOf(route: Route): string {
  const upstream = route.grant?.upstream;
  return [
    route.scheme,
    route.host,
    route.port,
    route.grant?.id ?? "",
    upstream?.address ?? "",
    upstream?.ca ?? "",
  ].join("|");
}
