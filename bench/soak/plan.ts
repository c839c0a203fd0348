import type { Medium } from '../chaos/media.js';
import type { Random } from '../chaos/random.js';

/** What begins an analysis of its own, and how often it comes. */
const BEGINNINGS = {
  /** A client that waits for its result. */
  picture: 58,
  /** One that takes the ID and asks again. */
  'picture-later': 10,
  clip: 6,
  /** Paths of frames, as JSON. */
  frames: 12,
  /** A client that goes away while it waits for its result. */
  'waiter-leaves': 6,
  /** A video of several segments that is cancelled while it is worked on. */
  cancelled: 2,
  long: 0.5,
  /** A picture that breaks off in the middle. */
  damaged: 3,
} as const;

/** What comes along, for each analysis that is begun. */
const COMPANIONS = {
  /** Media that were analysed before, or are just now. */
  again: 0.15,
  /** Requests that are wrong in one of many ways. */
  refused: 0.15,
  /** A client that goes away within its upload. */
  'upload-breaks-off': 0.06,
  report: 0.1,
  read: 0.1,
  list: 0.05,
  health: 0.05,
  remove: 0.08,
  verify: 0.02,
} as const;

export type Beginning = keyof typeof BEGINNINGS;
export type Kind = Beginning | keyof typeof COMPANIONS;

export interface Step {
  readonly kind: Kind;
  /** What is sent; empty where nothing is. */
  readonly media: readonly Medium[];
  /** 0 <= dice < 1: what else is left to chance within a step. */
  readonly dice: number;
}

/** Which of the media each beginning takes. */
const TAKES: Readonly<Record<Beginning, 'picture' | 'clip' | 'long'>> = {
  picture: 'picture',
  'picture-later': 'picture',
  clip: 'clip',
  frames: 'picture',
  'waiter-leaves': 'picture',
  cancelled: 'long',
  long: 'long',
  damaged: 'picture',
};

const MOST_FRAMES = 6;

/** Kinds of as many analyses as are wanted. */
export function planBeginnings(random: Random, analyses: number): readonly Beginning[] {
  const kinds = Object.entries(BEGINNINGS) as [Beginning, number][];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  return Array.from({ length: analyses }, () => {
    let left = random.next() * total;
    for (const [kind, weight] of kinds) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'picture';
  });
}

/** How many different media of each sort the beginnings take. */
export function mediaFor(
  beginnings: readonly Beginning[],
): Record<'picture' | 'clip' | 'long', number> {
  const counts = { picture: 0, clip: 0, long: 0 };
  for (const kind of beginnings) counts[TAKES[kind]] += 1;
  return counts;
}

/** The whole stream: each beginning with a medium of its own, and what comes along. */
export function planSteps(
  random: Random,
  beginnings: readonly Beginning[],
  media: Readonly<Record<'picture' | 'clip' | 'long', readonly Medium[]>>,
): readonly (readonly Step[])[] {
  const taken = { picture: 0, clip: 0, long: 0 };
  return beginnings.map((kind) => {
    const sort = TAKES[kind];
    const own = media[sort].slice(taken[sort], taken[sort] + 1);
    taken[sort] += 1;
    const others = Array.from(
      { length: kind === 'frames' ? random.integer(0, MOST_FRAMES - 1) : 0 },
      () => media.picture.slice(random.integer(0, media.picture.length - 1)).slice(0, 1),
    ).flat();
    const steps: Step[] = [{ kind, media: [...own, ...others], dice: random.next() }];
    for (const [companion, share] of Object.entries(COMPANIONS) as [Kind, number][])
      if (random.next() < share) steps.push({ kind: companion, media: own, dice: random.next() });
    return steps;
  });
}
