import { expect } from 'vitest';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import { probeMedia } from '../../libs/media/probe.js';
import { MediaError } from '../../libs/media/media-error.js';
import { FAILURE_CODES } from '../../workflows/contracts/failure-codes.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { CorpusFile, Expected } from './corpus-file.js';

/** What the service has answered, its body as text and read. */
export interface ServiceAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: AnalysisResult | ProblemBody;
}

const MEDIA_CODES = FAILURE_CODES.filter(
  (code) => code.startsWith('media_') || code === 'decoder_timeout',
);

/** Holds what the service says of a file to what is expected; of a damaged one, to what the library says of it. */
export async function checkAnswer(
  { expected }: Pick<CorpusFile, 'expected'>,
  file: string,
  answer: ServiceAnswer,
): Promise<void> {
  switch (expected.verdict) {
    case 'video':
    case 'image':
      checkResult(resultOf(answer), expected);
      return;
    case 'refused':
      expect(problemOf(answer)).toMatchObject({ code: expected.code });
      expect(problemOf(answer).detail).toContain(expected.says ?? '');
      return;
    case 'either': {
      const code = await refusalOfProbe(file);
      if (answer.status === 200 && code === null) checkVerdict(resultOf(answer));
      else if (code === null) expect(MEDIA_CODES).toContain(problemOf(answer).code);
      else expect(problemOf(answer).code).toBe(code);
    }
  }
}

const shown = ({ status, text }: ServiceAnswer) => `${status} ${text.slice(0, 1000)}`;

function resultOf(answer: ServiceAnswer): AnalysisResult {
  expect(answer.status, shown(answer)).toBe(200);
  return answer.body as AnalysisResult;
}

function problemOf(answer: ServiceAnswer): ProblemBody {
  expect(answer.status, shown(answer)).toBe(422);
  return answer.body as ProblemBody;
}

function checkResult(
  result: AnalysisResult,
  expected: Expected & { verdict: 'video' | 'image' },
): void {
  const { media, coverage, timeline } = result;
  checkVerdict(result);
  expect([media.width, media.height]).toEqual(expected.size);
  if (expected.container !== undefined) expect(media.container).toBe(expected.container);
  if (expected.verdict === 'image') {
    expect(media.media_type).toBe('IMAGE');
    expect(coverage).toMatchObject({ policy: 'still', frames_decoded: 1 });
    return;
  }
  expect(media.media_type).toBe('VIDEO');
  if (expected.codec !== undefined) expect(media.codec).toBe(expected.codec);
  const near = 0.04 + 3 * expected.frameSeconds;
  const { frames_decoded: decoded, frames_sampled: sampled, duration_seconds: length } = coverage;
  expect(Math.abs((length ?? NaN) - expected.durationSeconds)).toBeLessThan(near);
  expect(decoded).toBeGreaterThanOrEqual(sampled * (expected.share ?? 1));
  expect(timeline).toHaveLength(decoded);
  const times = timeline.map(({ t }) => t ?? NaN);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeLessThan(expected.durationSeconds + near);
}

/** Scores are percentages, and what shows no face is never called real. */
function checkVerdict({ verdict, risk_score: risk, flags, coverage }: AnalysisResult): void {
  expect(risk).toBeGreaterThanOrEqual(0);
  expect(risk).toBeLessThanOrEqual(100);
  expect(flags).toContain('demo_model');
  const faceless = coverage.frames_without_face === coverage.frames_decoded;
  expect(faceless ? ['likely_fake', 'inconclusive'] : VERDICTS).toContain(verdict);
}

const VERDICTS = ['likely_fake', 'inconclusive', 'likely_real'];

async function refusalOfProbe(file: string): Promise<string | null> {
  try {
    return (await probeMedia(file)).kind === 'audio' ? 'media_no_video' : null;
  } catch (error) {
    if (error instanceof MediaError) return error.code;
    throw error;
  }
}
