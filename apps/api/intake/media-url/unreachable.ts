import { Problem } from '../../problems/problem.js';

/** What kept a file from coming, in the member `reason`. Only of hosts that may be fetched from. */
export type UnreachableReason =
  'name' | 'connection' | 'certificate' | 'protocol' | 'timeout' | 'too_slow' | 'cut';

/** @param expected continues "Expected the server of mediaUrl …": what was expected of it and what came */
export function unreachable(reason: UnreachableReason, expected: string, cause?: unknown): Problem {
  const of =
    reason === 'name' ? 'Expected of the host of mediaUrl' : 'Expected the server of mediaUrl';
  return new Problem('media_url_unreachable', `${of} ${expected}.`, {
    members: { reason },
    cause,
  });
}

/** Whatever Node says of a connection or an answer that failed. */
export function unreachableBy(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('HPE_')) {
    return unreachable('protocol', 'to speak HTTP/1.1, got something else', error);
  }
  if (CERTIFICATE.test(code)) {
    return unreachable(
      'certificate',
      'to have a valid certificate for its name, got another',
      error,
    );
  }
  if (TLS.test(code)) return unreachable('connection', 'to speak TLS, got something else', error);
  return unreachable('connection', 'to take a connection and answer, which failed', error);
}

const CERTIFICATE = /CERT|ISSUER|SELF_SIGNED|UNABLE_TO_VERIFY|CRL|HOSTNAME_MISMATCH/;
const TLS = /^(ERR_SSL|ERR_TLS|EPROTO)/;
