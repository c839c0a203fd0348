import type { MediaInput, MediaType } from '../../../workflows/contracts/request.js';
import type { Sampling } from '../../../workflows/contracts/sampling.js';
import type { ChosenModel } from './model-choice.js';

/** A request whose media lie in the blob store: what there is to analyse, and what the client said of it. */
export interface Submission {
  readonly tenant: string;
  readonly input: MediaInput;
  /** What the client called the medium; always given for frames. */
  readonly declaredMediaType: MediaType | null;
  /** The hash given for the medium that the frames are from; null for an upload, whose hash was checked. */
  readonly declaredHash: string | null;
  readonly modelVersion: string;
  /** Which frames of a video are looked at; null = nothing was asked for. */
  readonly sampling: Sampling | null;
  readonly model: ChosenModel;
}
