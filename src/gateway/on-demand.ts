// The gateway, loaded when first something comes to a door: with the runtime's TLS it takes some 30 ms of a processor to
// load, which no start of a tool is to wait for, and many tools never ask. What is wrong with what it is given is told at
// once, before a tool runs; where it cannot be loaded afterwards, the session fails.

import type { Doors, Listen } from "../domain/door.ts";
import type { Mint } from "./authority/mint.ts";
import { checkCredentials } from "./credential-check.ts";
import type { Gateway, GatewayOptions } from "./gateway.ts";
import { openAddresses } from "./names/addresses.ts";
import { openTally } from "./tally.ts";
import { parseProxy } from "./upstream/proxy.ts";

export type OnDemandOptions = Omit<GatewayOptions, "authority"> & { readonly mint: Mint };

/** Throws a Fault: `names` (the file of addresses), `proxy`, `credential`. */
export function openGatewayOnDemand(options: OnDemandOptions): Gateway {
  checkCredentials(options.credentials);
  for (const url of [options.upstream.proxy?.https, options.upstream.proxy?.http]) if (url) parseProxy(url);
  openAddresses(options.addresses.file, options.addresses.salt).close();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined); // whoever cares awaits it; nobody is no reason to crash
  let gateway: Gateway | undefined;
  let opening: Promise<Gateway> | undefined;
  let serving: Promise<void> | undefined;
  let unseen = (): number => 0;
  const open = async (): Promise<Gateway> => {
    gateway = await load(options);
    gateway.failed.catch(failed.reject);
    return gateway;
  };
  const now = (): Promise<Gateway> => (opening ??= open());
  let wake = (): void => undefined;
  return {
    serve: (doors) => {
      unseen = doors.overflow;
      wake = () => {
        serving ??= now()
          .then((opened) => opened.serve(held))
          .catch(failed.reject);
      };
      const held = hold(doors, wake);
    },
    publish: async (publications, inside) => {
      if (publications.length > 0) await (await now()).publish(publications, inside);
    },
    lend: async (publication, inside) => (await now()).lend(publication, inside),
    statistics: () => gateway?.statistics() ?? openTally(undefined).statistics(),
    failed: failed.promise,
    close: async () => {
      // what the kernel dropped is to be entered too
      if (unseen() > 0) wake();
      await serving;
      await gateway?.close();
    },
  };
}

async function load({ mint, ...options }: OnDemandOptions): Promise<Gateway> {
  const { openAuthority } = await import("./authority/session-authority.ts");
  const { openGateway } = await import("./gateway.ts");
  return openGateway({ ...options, authority: openAuthority(mint) });
}

/** The same doors, of which somebody is told when first something came; it waits where it came, but for the first of each. */
function hold(doors: Doors, wake: () => void): Doors {
  const one = <Item>(listen: Listen<Item>): Listen<Item> => {
    const first: Item[] = [];
    listen((item) => {
      listen(undefined);
      first.push(item);
      wake();
    });
    return (listener) => {
      if (listener !== undefined) for (const item of first.splice(0)) listener(item);
      listen(listener);
    };
  };
  return {
    onArrival: one(doors.onArrival),
    onQuestion: one(doors.onQuestion),
    onDatagram: one(doors.onDatagram),
    overflow: doors.overflow,
  };
}
