// `upstream` of an entry of `network.allow`: what is dialled in a name's place.

import { z } from "zod";
import * as v from "./vocabulary.ts";

export const upstream = z
  .strictObject({
    address: v.address.meta({ description: "Dialled instead of the name", examples: ["127.0.0.1:8443"] }),
    ca: v.path
      .meta({ description: "PEM file trusted for it, from this file's directory", examples: ["./ca.pem"] })
      .optional(),
  })
  .meta({ description: "Dial this instead of the name", examples: [{ address: "127.0.0.1:8443", ca: "./ca.pem" }] });
