// The conversations of a session: an agent has several at once (its helpers' and its own), and each request belongs to the one that
// it begins as. Which that is changes nothing but how much of it has to be read.

import { type Conversation, openConversation } from "./conversation.ts";

export interface Known {
  readonly conversation: Conversation;
  /** One and the same for all its bodies. */
  readonly name: string;
}

export interface Conversations {
  /** `route`: bodies of different ones are never of one conversation. */
  readonly of: (route: string, bytes: Buffer) => Known;
}

/** Of so many the last body is kept. */
const most = 8;

export function openConversations(): Conversations {
  let kept: (Known & { readonly route: string })[] = [];
  let opened = 0;
  return {
    of: (route, bytes) => {
      const [nearest] = kept
        .filter((one) => one.route === route)
        .map((one) => ({ one, alike: one.conversation.alike(bytes) }))
        .filter(({ alike }) => alike > 0)
        .sort((a, b) => b.alike - a.alike);
      if (nearest === undefined) opened += 1;
      const chosen = nearest?.one ?? { conversation: openConversation(), name: String(opened), route };
      kept = [...kept.filter((one) => one !== chosen), chosen].slice(-most);
      return chosen;
    },
  };
}
