interface Judged {
  variance_factor: number;
  labelled: number;
}

/** What a prediction's summary tells about bands that labels made wider; null where no labels could say anything. */
export function aboutBands(summary: Readonly<Record<string, unknown>>): string | null {
  const { intervals } = summary;
  if (typeof intervals !== "object" || intervals === null) return null;
  const judged = Object.entries(intervals as Readonly<Record<string, Judged>>);
  const wider = judged.filter(([, one]) => one.variance_factor > 1).map(([name]) => name);
  const source = "labels that no member learnt from";
  if (wider.length > 0) return `Bands recalibrated: those of ${listed(wider)} are wider than the networks alone would have them, by ${source}.`;
  return judged.some(([, one]) => one.labelled > 0) ? `Bands checked: they hold the ${source} as they promise.` : null;
}

const MOST = 4;

function listed(names: readonly string[]): string {
  const more = names.length - MOST;
  return more > 0 ? `${names.slice(0, MOST).join(", ")} and ${more} more` : names.join(", ");
}
