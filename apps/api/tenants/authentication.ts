import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashOfKey, type ApiKey } from '../../../libs/platform/config/api-keys.js';
import { DEFAULT_TENANT } from '../../../workflows/contracts/tenant.js';
import { Problem } from '../problems/problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is; null where nobody has shown a key. */
    tenant: string | null;
  }
}

/** Routes that anyone may ask. All others need a key, those that don't exist too. */
const OPEN_ROUTES: readonly (string | undefined)[] = [
  '/',
  '/health',
  '/health/live',
  '/health/ready',
];
const CHALLENGE = 'Bearer realm="deepfake-analysis-service"';

/** Tells whose request it is before anything of its body is read, and refuses those that need a key and have none. */
export function authenticate(fastify: FastifyInstance, keys: readonly ApiKey[]): void {
  fastify.decorateRequest('tenant', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const shown = takeKey(request);
    if (keys.length === 0) {
      request.tenant = DEFAULT_TENANT;
      done();
      return;
    }
    request.tenant = shown === null ? null : tenantOf(keys, shown);
    // By the route that was found, not by the URL, of which there are many spellings.
    const isAllowed = request.tenant !== null || OPEN_ROUTES.includes(request.routeOptions.url);
    if (isAllowed) done();
    else done(unauthorized(shown !== null));
  });
}

/**
 * The key as the client sent it, as a bearer token or in a header of its own. Both headers are taken out of the request:
 * libraries log what they were given, headers too.
 */
function takeKey({ headers }: FastifyRequest): string | null {
  const { authorization = '', 'x-api-key': own } = headers;
  delete headers.authorization;
  delete headers['x-api-key'];
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (token !== undefined) return token;
  return typeof own === 'string' && own !== '' ? own : null;
}

/** Compares with every key, so that the time that it takes tells nothing of them. */
function tenantOf(keys: readonly ApiKey[], shown: string): string | null {
  const hash = hashOfKey(shown);
  let found: string | null = null;
  for (const { tenant, sha256 } of keys) if (timingSafeEqual(sha256, hash)) found = tenant;
  return found;
}

function unauthorized(hasShown: boolean): Problem {
  return new Problem(
    'unauthorized',
    'Expected a valid API key as "Authorization: Bearer KEY" or "X-API-Key: KEY", got ' +
      (hasShown ? 'one that is not known.' : 'none.'),
    {
      headers: { 'www-authenticate': hasShown ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE },
    },
  );
}
