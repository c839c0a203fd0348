import { Controller, Get } from '@nestjs/common';
import { serviceVersion } from '../../../libs/platform/version.js';
import { ANALYSES_PATH } from '../analyses/analysis-resource.js';

@Controller()
export class IndexController {
  readonly #body = {
    service: 'deepfake-analysis-service',
    version: serviceVersion(),
    endpoints: {
      [`POST ${ANALYSES_PATH}`]: 'analyse a picture or a video',
      [`GET ${ANALYSES_PATH}/{id}`]: 'how the analysis stands, and its result',
      [`GET ${ANALYSES_PATH}/{id}/report`]: 'the result as a page',
      [`GET ${ANALYSES_PATH}`]: 'the list of analyses',
      [`POST ${ANALYSES_PATH}/{id}/cancel`]: 'stop the analysis',
      [`POST ${ANALYSES_PATH}/{id}/retry`]: 'run it again and keep what is finished',
      [`POST ${ANALYSES_PATH}/{id}/verify`]: 'make the result again and compare',
      [`DELETE ${ANALYSES_PATH}/{id}`]: 'delete the analysis and what is stored of it',
      'GET /health': 'whether the service can analyse now',
    },
  };

  @Get()
  index(): object {
    return this.#body;
  }
}
