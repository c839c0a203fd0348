import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '../../libs/platform/logger.js';
import { AppModule, type AppParts } from './app.module.js';
import { logRequests } from './http/access-log.js';
import { answerClientError } from './http/client-error.js';
import { discardRestOfRefusedUploads } from './http/discard-rest.js';
import {
  MAX_FORM_FIELD_BYTES,
  MAX_FORM_FIELDS,
  MAX_JSON_BYTES,
  MAX_PREFERRED_WAIT_SECONDS,
} from './http/limits.js';
import { NestLogger } from './http/nest-logger.js';
import { RouteTable } from './http/route-table.js';
import { ProblemFilter } from './problems/problem-filter.js';
import { problemOfError } from './problems/problem-of-error.js';
import { authenticate } from './tenants/authentication.js';
import { sendProblem } from './problems/send-problem.js';

/** Beyond the longest wait and download; then a connection on which nothing moves is closed. */
const IDLE_BEYOND_SECONDS = 60;

/** Builds the HTTP application; it does not listen yet. */
export async function createApp(parts: AppParts, logger: Logger): Promise<NestFastifyApplication> {
  const { syncWaitSeconds } = parts.config.http;
  const { from, totalSeconds } = parts.config.mediaUrl;
  const longestSeconds =
    Math.max(syncWaitSeconds, MAX_PREFERRED_WAIT_SECONDS) + (from === 'off' ? 0 : totalSeconds);
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    // `logRequests` writes the one line that is wanted.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    // Fields that are not known are let through, this one without its effect.
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    genReqId: () => randomUUID(),
    bodyLimit: MAX_JSON_BYTES,
    connectionTimeout: (longestSeconds + IDLE_BEYOND_SECONDS) * 1000,
    // `Draining` answers in the form of all other problems.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(problemOfError(error, request), request, reply);
    },
    multipart: {
      // The intake bounds the file itself, so that a file that is too large is never stored.
      throwFileSizeLimit: false,
      limits: {
        fileSize: Infinity,
        fields: MAX_FORM_FIELDS,
        fieldSize: MAX_FORM_FIELD_BYTES,
        parts: MAX_FORM_FIELDS + 2,
      },
    },
  });
  const fastify = adapter.getInstance();
  const routes = new RouteTable();
  fastify.addHook('onRoute', ({ url, method }) => {
    routes.add(url, [method].flat());
  });
  logRequests(fastify);
  parts.draining.guard(fastify);
  authenticate(fastify, parts.config.apiKeys);
  discardRestOfRefusedUploads(fastify);
  // Only what the API takes: JSON, which Fastify itself parses, and forms.
  fastify.removeContentTypeParser('text/plain');

  const app = await NestFactory.create<NestFastifyApplication>(AppModule.from(parts), adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  app.useGlobalFilters(new ProblemFilter(routes));
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
    },
    // TLS is ended in front of this server, if at all; who ends it may say so.
    strictTransportSecurity: false,
  });
  // A page of another site can make a visitor's browser send forms here.
  app.enableCsrfProtection();
  return app;
}
