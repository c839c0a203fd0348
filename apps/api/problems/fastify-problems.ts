import type { FastifyRequest } from 'fastify';
import { MAX_FORM_FIELDS, MAX_JSON_BYTES } from '../http/limits.js';
import { Problem } from './problem.js';

type Maker = (request: FastifyRequest) => Problem;

const ACCEPTED = ['application/json', 'multipart/form-data'] as const;

const tooManyParts: Maker = () =>
  new Problem(
    'invalid_multipart',
    `Expected one file and at most ${MAX_FORM_FIELDS} fields in the form, got more.`,
  );

const formCutShort: Maker = () =>
  new Problem(
    'invalid_multipart',
    'Expected a form that ends with its closing boundary; it ended before that or has no boundary.',
  );

/** The problems that Fastify and its form parser find, by their error codes. */
const byCode: Readonly<Record<string, Maker>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: () =>
    new Problem('invalid_json', 'Expected a JSON object as the body, got text that is not JSON.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () =>
    new Problem('invalid_json', 'Expected a JSON object as the body, got nothing.'),
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Problem('body_too_large', `Expected a body of at most ${MAX_JSON_BYTES} bytes, got more.`),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) =>
    new Problem(
      'unsupported_content_type',
      `Expected Content-Type ${ACCEPTED.join(' or ')}, got ${headers['content-type'] ?? 'none'}.`,
      { headers: { 'accept-post': ACCEPTED.join(', ') } },
    ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem(
      'bad_request',
      'Expected a body as long as Content-Length says, got another length.',
    ),
  FST_ERR_BAD_URL: () => new Problem('bad_request', 'The path of the URL is malformed.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new Problem('not_found', 'A part of the path is too long.'),
  FST_PARTS_LIMIT: tooManyParts,
  FST_FILES_LIMIT: tooManyParts,
  FST_FIELDS_LIMIT: tooManyParts,
  FST_PROTO_VIOLATION: () =>
    new Problem('invalid_multipart', 'A field of the form has a name that is not allowed.'),
  FST_INVALID_JSON_FIELD_ERROR: () =>
    new Problem('invalid_multipart', 'A field with Content-Type application/json is not JSON.'),
  FST_MP_PREMATURE_CLOSE: formCutShort,
};

/** The problem behind an error of Fastify, its plugins or its form parser; null for any other error. */
export function problemOfFastify(error: unknown, request: FastifyRequest): Problem | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  const maker = byCode[code];
  if (maker !== undefined) return maker(request);
  // The form parser's own errors have no code; each names what it was parsing.
  if (request.isMultipart() && /multipart/i.test(error.message)) return formCutShort(request);
  if ('statusCode' in error && error.statusCode === 400) {
    return new Problem('bad_request', `${error.message}.`, { cause: error });
  }
  return null;
}
