import type { FailureCode } from '../../../workflows/contracts/failure-codes.js';
import type { ProblemEntry } from './problem-entry.js';

/** What each way in which an analysis can fail is to a client. A new failure code does not compile without its entry. */
export const failureProblems: Readonly<Record<FailureCode, ProblemEntry>> = {
  media_empty: {
    status: 422,
    title: 'The media has no bytes',
    advice: 'Send the file again; check that it is not empty on your side.',
  },
  media_unreadable: {
    status: 422,
    title: 'The media can not be read',
    advice: 'Check that the file opens in a player and was sent whole, or export it again.',
  },
  media_unsupported: {
    status: 422,
    title: 'This kind of media is not supported',
    advice: 'Send a picture or a video of one of the accepted formats.',
  },
  media_encrypted: {
    status: 422,
    title: 'The media is encrypted',
    advice: 'Send it decrypted, or a recording of it without copy protection (DRM).',
  },
  media_no_frames: {
    status: 422,
    title: 'The video has no frames',
    advice: 'Check that the file plays, or export it again.',
  },
  media_no_video: {
    status: 422,
    title: 'The media has no pictures in it',
    advice: 'Send a picture, or a video with a video stream.',
  },
  media_too_large: {
    status: 422,
    title: 'The media is larger or longer than this service analyses',
    advice: 'Send a smaller or shorter version of it.',
  },
  too_many_frames: {
    status: 422,
    title: 'More frames are asked for than one analysis may take',
    advice: 'Ask for fewer in options.sampling, or send the video in parts.',
  },
  decoder_timeout: {
    status: 422,
    title: 'The media takes too long to decode',
    advice: 'Convert it to a common format (H.264 in MP4) and send that.',
  },
  frames_unreadable: {
    status: 422,
    title: 'None of the frames can be read',
    advice: 'Check that the files named in extractedFrames exist and are pictures.',
  },
  audio_model_missing: {
    status: 422,
    title: 'There is no audio model',
    advice: 'Send an IMAGE or a VIDEO; the pictures are analysed.',
  },
  media_gone: {
    status: 410,
    title: 'The media is no longer stored, or damaged in the store',
    advice: 'Send the media again to have it analysed.',
  },
  model_unavailable: {
    status: 503,
    title: 'No model is ready',
    advice: 'Send the request again later. GET /health says when the model is loaded.',
    retryAfterSeconds: 10,
  },
  model_mismatch: {
    status: 503,
    title: 'The workers do not run one and the same model',
    advice: 'Send the request again when the change of models is done.',
    retryAfterSeconds: 10,
  },
  crops_missing: {
    status: 503,
    title: 'The storage loses what was found in the media',
    advice: 'Send the media again later. If it fails so again, tell the operator.',
    retryAfterSeconds: 10,
  },
  scores_missing: {
    status: 409,
    title: 'The scores of the analysis are not complete',
    advice: 'Retry the analysis from the start first.',
  },
  storage_unavailable: {
    status: 503,
    title: 'The storage can not be reached',
    advice: 'Send the request again later.',
    retryAfterSeconds: 10,
  },
  worker_lost: {
    status: 422,
    title: 'The analysis broke off each time it was tried',
    advice:
      'Convert the media to a common format (H.264 in MP4, JPEG) and send that. If other media fail so too, tell the operator.',
  },
  step_timed_out: {
    status: 504,
    title: 'A step of the analysis did not finish in time',
    advice: 'Send the media again; finished parts are kept.',
  },
  deadline_exceeded: {
    status: 504,
    title: 'The analysis did not finish within its deadline',
    advice: 'Send the media again; finished parts are kept.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong in the service',
    advice: 'Send the request again; if it fails again, tell the operator the error_id.',
    isPrivate: true,
  },
};
