import type { ProblemEntry } from './problem-entry.js';

const asDescribed = 'Mend the request as described and send it again.';

/** What the API itself refuses, before or beside an analysis. */
export const requestProblems = {
  bad_request: { status: 400, title: 'The request is malformed', advice: asDescribed },
  invalid_json: {
    status: 400,
    title: 'The body is not valid JSON',
    advice: 'Send a JSON object, encoded as UTF-8.',
  },
  invalid_multipart: {
    status: 400,
    title: 'The body is not a valid multipart form',
    advice: 'Let your HTTP library build the form; it must end with its closing boundary.',
  },
  invalid_request: {
    status: 400,
    title: 'The request does not have the expected fields',
    advice: asDescribed,
  },
  unknown_media_type: { status: 400, title: 'Unknown mediaType', advice: asDescribed },
  unknown_model: { status: 400, title: 'Unknown model', advice: asDescribed },
  frames_missing: {
    status: 400,
    title: 'There is nothing to analyse in the request',
    advice:
      'Name the media in mediaUrl or the frames in extractedFrames, or upload the media itself as multipart/form-data.',
  },
  media_missing: {
    status: 400,
    title: 'There is no file in the form',
    advice: 'Send the file in the part "media", with a file name.',
  },
  media_url_invalid: {
    status: 400,
    title: 'mediaUrl is not the URL of a file on the web',
    advice: 'Send the URL as a browser shows it, or upload the media as multipart/form-data.',
  },
  not_supported: { status: 400, title: 'Not offered by this service', advice: asDescribed },
  unauthorized: {
    status: 401,
    title: 'An API key is needed',
    advice: 'Send a key that the operator has given you with each request.',
  },
  frame_outside_media_roots: {
    status: 403,
    title: 'A frame lies outside the folders that may be read',
    advice: 'Name files below MEDIA_ROOTS, or upload the media itself as multipart/form-data.',
  },
  cross_origin_request: {
    status: 403,
    title: 'Requests from other web sites are refused',
    advice: 'Send the request from the service’s own page or from a program.',
  },
  not_found: { status: 404, title: 'There is nothing here', advice: 'GET / lists what there is.' },
  analysis_not_found: {
    status: 404,
    title: 'There is no such analysis',
    advice: 'Check the ID, or send the media again.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    advice: 'Use one of the methods in the Allow header.',
  },
  analysis_cancelled: {
    status: 409,
    title: 'The analysis was cancelled',
    advice: 'Send the media again to have it analysed.',
  },
  analysis_finished: {
    status: 409,
    title: 'The analysis has ended',
    advice: 'GET the analysis: it has the result, or the reason of its failure.',
  },
  analysis_running: {
    status: 409,
    title: 'The analysis has not ended',
    advice: 'Cancel it first (POST …/cancel), or wait for its end.',
  },
  analysis_terminated: {
    status: 409,
    title: 'The analysis was ended by an operator',
    advice: 'Send the media again to have it analysed.',
  },
  evidence_damaged: {
    status: 409,
    title: 'What the result was made from is damaged or no longer stored',
    advice:
      'Retry the analysis from the start (POST …/retry): what is damaged is made anew from its media, and the result stays.',
  },
  report_not_ready: {
    status: 409,
    title: 'The analysis has not succeeded, so there is no report',
    advice: 'Ask for the analysis until its status is succeeded, then for the report.',
  },
  result_gone: {
    status: 410,
    title: 'The result is no longer stored',
    advice: 'Send the media again to have it analysed anew.',
  },
  request_gone: {
    status: 410,
    title: 'What the analysis was asked with is no longer known',
    advice: 'Send the media again to have it analysed.',
  },
  body_too_large: { status: 413, title: 'The body is too large', advice: asDescribed },
  upload_too_large: {
    status: 413,
    title: 'The upload is too large',
    advice: 'Send a smaller file, or have the operator raise MAX_UPLOAD_BYTES.',
  },
  frame_too_large: { status: 413, title: 'A frame is too large', advice: asDescribed },
  unsupported_content_type: {
    status: 415,
    title: 'The Content-Type is not accepted',
    advice: 'Send application/json or multipart/form-data.',
  },
  hash_malformed: { status: 422, title: 'The hash is malformed', advice: asDescribed },
  hash_mismatch: {
    status: 422,
    title: 'The file is not the one that the hash names',
    advice: 'Send the file again; it was damaged or exchanged on its way, or hashed wrongly.',
  },
  media_url_refused: {
    status: 422,
    title: 'Media are not fetched from there',
    advice:
      'Send the URL of a public host, upload the media as multipart/form-data, or have the operator name the host in MEDIA_URL_ALLOW.',
  },
  media_url_unreachable: {
    status: 422,
    title: 'The media could not be fetched from mediaUrl',
    advice: 'Check that the URL opens elsewhere, and send the request again.',
  },
  media_url_not_served: {
    status: 422,
    title: 'The server of mediaUrl did not answer with the file',
    advice:
      'Check that the URL opens without a login, has not expired and leads to the file itself.',
  },
  headers_too_large: { status: 431, title: 'The headers are too large', advice: asDescribed },
  still_running: {
    status: 503,
    title: 'The analysis is still running',
    advice: 'Send the same request again: it joins the running analysis and gets its answer.',
    retryAfterSeconds: 2,
  },
  backlog_full: {
    status: 503,
    title: 'Too many analyses are under way',
    advice: 'Send the request again later. Finished analyses are answered at their own address.',
    retryAfterSeconds: 30,
  },
  too_many_uploads: {
    status: 503,
    title: 'Too many uploads are under way',
    advice: 'Send the request again later.',
    retryAfterSeconds: 5,
  },
  temporal_unavailable: {
    status: 503,
    title: 'The workflow service can not be reached',
    advice: 'Send the request again later.',
    retryAfterSeconds: 5,
  },
  no_current_build: {
    status: 503,
    title: 'No worker is given new analyses',
    advice:
      'Make a build current whose workers run: temporal worker deployment set-current-version.',
    retryAfterSeconds: 10,
  },
  shutting_down: {
    status: 503,
    title: 'This server is shutting down',
    advice: 'Send the request again; another server will answer.',
    retryAfterSeconds: 5,
  },
} as const satisfies Readonly<Record<string, ProblemEntry>>;
