// What of a history that a request tells is not as it was delivered: counted for the leaf, and sealed.

import type { Counts } from "../../domain/entry.ts";
import { type Transcript, transcriptKinds } from "../../domain/transcript.ts";

/** What is told otherwise, and what nothing is known of; nothing of that is the rule. */
export function countTranscript(transcript: Transcript | undefined): Counts {
  if (transcript === undefined) return {};
  const { counts, before, unheard } = transcript;
  const altered = transcriptKinds.reduce((sum, kind) => sum + counts[kind], 0);
  return {
    ...(altered === 0 ? {} : { "findings-transcript": altered }),
    ...(before === 0 ? {} : { "transcript-before": before }),
    ...(unheard === 0 ? {} : { "transcript-unheard": unheard }),
  };
}

export function sealTranscript(transcript: Transcript | undefined): object {
  if (transcript === undefined || transcript.known + transcript.before + transcript.unheard === 0) return {};
  const { known, counts, findings } = transcript;
  const isAltered = transcriptKinds.some((kind) => counts[kind] > 0);
  return { transcript: { known, ...(isAltered ? { ...counts, findings } : {}) } };
}
