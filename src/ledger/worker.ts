// The scribe in a thread of its own: requests come and answers go as messages.

import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { type Answer, openDesk, type Request } from "./scribe.ts";

/** `here`, once everything is loaded, before anything is asked. `dismiss`: nothing is to be written, and the thread ends. */
export type ThreadAnswer = Answer | { readonly kind: "here" };
export type ThreadRequest = Request | { readonly kind: "dismiss" };

function serve(port: MessagePort): void {
  const answer = (message: ThreadAnswer): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    port.postMessage(message);
    // after a failure whatever is held open ends with the thread
    if (message.kind === "fault") process.exit();
    if (message.kind === "closed") port.close();
  };
  const take = openDesk({ answer, next: () => receiveMessageOnPort(port)?.message });
  port.on("message", (request: ThreadRequest) => {
    if (request.kind === "dismiss") port.close();
    else take(request);
  });
  answer({ kind: "here" });
}

if (parentPort !== null) serve(parentPort);
