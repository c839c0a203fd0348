import type {
  AnalysisResult,
  ResultFlag,
  Verdict,
  VerdictReason,
} from '../../workflows/contracts/result.js';

/** The verdict for a reader who knows nothing of scores. */
export const VERDICTS: Readonly<
  Record<Verdict, { readonly title: string; readonly meaning: string }>
> = {
  likely_fake: {
    title: 'Likely manipulated',
    meaning: 'The model sees in this media what it has learned to see in manipulated faces.',
  },
  likely_real: {
    title: 'No manipulation found',
    meaning:
      'The model sees none of what it has learned to see in manipulated faces. That is no proof of authenticity.',
  },
  inconclusive: {
    title: 'Inconclusive',
    meaning: 'There is not enough to say either way. Treat this media as unchecked.',
  },
  not_analysed: {
    title: 'Not analysed',
    meaning: 'Nothing was looked at, so nothing can be said.',
  },
};

/** Why the verdict is what it is. */
export function reasonText(
  reason: VerdictReason,
  { risk_score: risk, pipeline }: AnalysisResult,
): string {
  const { fake_threshold: fake, real_threshold: real } = pipeline;
  switch (reason) {
    case 'risk_at_or_above_fake_threshold':
      return `The risk score, ${risk}, is at or above ${fake}, from where on media counts as likely manipulated.`;
    case 'risk_at_or_below_real_threshold':
      return `The risk score, ${risk}, is at or below ${real}, up to where no manipulation counts as found.`;
    case 'risk_between_thresholds':
      return `The risk score, ${risk}, lies between ${real} and ${fake}, where the model is not sure.`;
    case 'high_risk_in_part_of_the_media':
      return 'Only a part of the media is suspicious: see the timeline.';
    case 'no_face_found':
      return 'No face was found, so whole pictures were scored, which the model is not made for.';
    case 'coverage_too_low':
      return 'Too much of the media could not be looked at.';
  }
}

/** What a reader must know about how the result came about. */
export const FLAGS: Readonly<Record<ResultFlag, string>> = {
  whole_image_scored: 'No face was found in any sample: whole pictures were scored.',
  some_frames_without_face:
    'In some samples no face was found: for those the whole picture was scored.',
  some_frames_unreadable: 'Some samples could not be decoded and are missing from the scores.',
  demo_model:
    'The bundled demo model ran. It only recognises the demo’s own kind of edit and judges nothing else.',
  declared_media_type_mismatch:
    'The media was declared as something else than what its content is.',
};

/** How the samples were chosen. */
export const POLICIES: Readonly<Record<AnalysisResult['coverage']['policy'], string>> = {
  still: 'the picture itself',
  frames: 'from the frames that the client gave; their times are not known',
  even: 'spread evenly over the whole duration',
  fps: 'at a steady rate over the whole duration',
  keyframes: 'the key frames of the video; nothing else was decoded',
};

export const KINDS: Readonly<Record<AnalysisResult['media']['media_type'], string>> = {
  IMAGE: 'Picture',
  VIDEO: 'Video',
  AUDIO: 'Sound',
};
