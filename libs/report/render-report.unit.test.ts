import { describe, expect, it } from 'vitest';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { renderReport } from './render-report.js';

const result: AnalysisResult = {
  video_score: 90,
  peak_risk: 95,
  mean_risk: 40,
  audio_score: 0,
  gan_fingerprint: 90,
  temporal_consistency: 0,
  risk_score: 90,
  confidence: 88,
  inference_time: 1234,
  model_version: 'v2',
  id: '0123456789abcdef-0123456789abcdef',
  verdict: 'likely_fake',
  reasons: ['risk_at_or_above_fake_threshold', 'high_risk_in_part_of_the_media'],
  coverage: {
    policy: 'even',
    duration_seconds: 20,
    analysed_seconds: 18,
    frames_sampled: 3,
    frames_decoded: 2,
    frames_unreadable: 1,
    frames_without_face: 1,
    gaps: [[18, 20]],
  },
  tracks: [],
  timeline: [
    { frame: 0, t: 1, p: 0.1, box: null, track: null },
    { frame: 1, t: 9, p: 0.95, box: [1, 2, 3, 4], track: 0 },
  ],
  flags: ['some_frames_without_face', 'demo_model'],
  media: {
    sha256: 'ab'.repeat(32),
    declared_hash: '<script>alert(1)</script>',
    media_type: 'VIDEO',
    bytes: 1_234_567,
    container: 'mov,mp4',
    codec: 'h264" onload="x',
    width: 640,
    height: 360,
    duration_seconds: 20,
    frame_rate: 25,
    rotation_degrees: 0,
  },
  model: {
    id: 'owner/<b>model</b>',
    revision: 'local',
    weights_sha256: 'cd'.repeat(32),
    architecture: 'SiglipForImageClassification',
    dtype: 'fp32',
    device: 'cpu',
    graph_builder: 'siglip-1',
    input_size: 224,
    processor: {
      resample: 2,
      rescale_factor: 1 / 255,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    },
    accuracy: null,
    labels: ['Fake', 'Real'],
    fake_label: 'Fake',
    fingerprint: '0123456789abcdef',
  },
  pipeline: {
    revision: '1',
    face_detector: 'd',
    crop_margin: 1.3,
    fake_threshold: 70,
    real_threshold: 30,
  },
  created_at: '2020-01-01T00:00:00.000Z',
};
const face = {
  frame: 1,
  seconds: 9,
  p: 0.95,
  why: 'highest' as const,
  jpeg: Uint8Array.of(255, 216, 255),
};

describe('renderReport', () => {
  const page = renderReport({ result, faces: [face] });

  it('escapes whatever came from outside', () => {
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('<b>model');
    expect(page).not.toContain('" onload="');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('needs nothing from anywhere', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).toContain('content="default-src &#39;none&#39;;');
    expect(page).toContain('data:image/jpeg;base64,/9j/');
  });

  it('says the verdict, its reasons and what to beware of in words', () => {
    expect(page).toContain('Likely manipulated');
    expect(page).toContain('Only a part of the media is suspicious');
    expect(page).toContain('The bundled demo model ran');
    expect(page).toContain('not looked at: 0:18 to 0:20');
    expect(page).toContain('0:09: score 0.95');
  });

  it('is the same for the same input', () => {
    expect(renderReport({ result, faces: [face] })).toBe(page);
  });

  it('warns of the demo model before it says anything else', () => {
    const warning = page.indexOf('Demo model: not a real verdict.');
    expect(warning).toBeGreaterThan(0);
    expect(warning).toBeLessThan(page.indexOf('class="title"'));
    const other = renderReport({ result: { ...result, flags: [] }, faces: [] });
    expect(other).not.toContain('Demo model');
  });

  it('never shows a score where nothing was looked at', () => {
    const nothing = {
      ...result,
      verdict: 'not_analysed' as const,
      risk_score: 0,
      reasons: ['coverage_too_low' as const],
      timeline: [],
    };
    const text = renderReport({ result: nothing, faces: [] });
    expect(text).toContain('Not analysed');
    expect(text).not.toContain('Risk score');
    expect(text).not.toContain('was judged');
    expect(text).not.toContain('<h2>Scores</h2>');
  });

  it('says which picture was scored without a face', () => {
    const whole = { ...face, frame: 0, seconds: 1, p: 0.1, why: 'lowest' as const };
    expect(renderReport({ result, faces: [face, whole] })).toContain(
      'alt="Whole picture, no face found, 0:01, score 0.10"',
    );
    expect(page).toContain('alt="Face, 0:09, score 0.95"');
  });

  it('says of a declared hash whether it was checked', () => {
    expect(page).toContain('checked against the media');
    const frames = { ...result, coverage: { ...result.coverage, policy: 'frames' as const } };
    expect(renderReport({ result: frames, faces: [] })).toContain('not checked');
  });

  it('explains every verdict, reason and flag', () => {
    const all = {
      ...result,
      reasons: [
        'risk_at_or_above_fake_threshold',
        'risk_at_or_below_real_threshold',
        'risk_between_thresholds',
        'high_risk_in_part_of_the_media',
        'no_face_found',
        'coverage_too_low',
      ] as const,
      flags: [
        'whole_image_scored',
        'some_frames_without_face',
        'some_frames_unreadable',
        'demo_model',
        'declared_media_type_mismatch',
      ] as const,
    };
    for (const verdict of ['likely_fake', 'likely_real', 'inconclusive'] as const)
      expect(renderReport({ result: { ...all, verdict }, faces: [] })).not.toContain('undefined');
  });

  it('leaves the timeline out of a single picture', () => {
    const still = { ...result, timeline: result.timeline.slice(1) };
    expect(renderReport({ result: still, faces: [] })).not.toContain('<svg');
  });
});
