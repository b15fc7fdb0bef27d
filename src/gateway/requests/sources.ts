// What of this machine's source a request was found to hold: counted for the leaf, which names no file and no label but those of its
// own format, and sealed with all names.

import { type Count, type Counts, countLabels } from "../../domain/entry.ts";
import type { Sources } from "../../domain/inspection.ts";

interface Sum {
  readonly files: number;
  readonly lines: number;
  readonly hashes: number;
}

/** Of those files that `isMeant`; what the model wrote itself and is told again is none. */
function sumOf({ lines, hashes }: Sources, isMeant: (labels: readonly string[]) => boolean): Sum {
  const here = lines.filter(({ by, labels }) => by === "here" && isMeant(labels));
  return {
    files: here.length,
    lines: here.reduce((sum, { count }) => sum + count, 0),
    hashes: hashes.filter(({ labels }) => isMeant(labels)).length,
  };
}

export function countSources(sources: Sources | undefined): Counts {
  if (sources === undefined) return {};
  const { files, lines, hashes } = sumOf(sources, () => true);
  const labelled: [Count, number][] = countLabels.flatMap((label) => {
    const sum = sumOf(sources, (labels) => labels.includes(label));
    const counts: [Count, number][] = [
      [`findings-source.${label}`, sum.files],
      [`source-lines.${label}`, sum.lines],
      [`source-hashes.${label}`, sum.hashes],
    ];
    return counts.filter(([, count]) => count > 0);
  });
  return {
    "findings-source": files,
    "source-lines": lines,
    "source-hashes": hashes,
    ...Object.fromEntries(labelled),
  };
}

/** Files named in an entry; all are counted. */
const mostFiles = 1_000;

export function sealSources(sources: Sources | undefined): object {
  if (sources === undefined || sources.lines.length + sources.hashes.length === 0) return {};
  const { lines, hashes, ...known } = sources;
  const names = new Set([...lines, ...hashes].flatMap(({ labels }) => labels));
  const labels = [...names].sort().map((name) => [name, sumOf(sources, (all) => all.includes(name))] as const);
  return {
    sources: {
      ...known,
      ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
      lines: lines.slice(0, mostFiles),
      hashes: hashes.slice(0, mostFiles),
    },
  };
}
