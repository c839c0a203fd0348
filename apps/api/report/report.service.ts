import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { renderReport, type ReportFace } from '../../../libs/report/render-report.js';
import type { EvidenceFaces } from '../../../workflows/contracts/activities.js';
import { faceKey, facesIndexKey } from '../../../workflows/contracts/blob-keys.js';
import { AnalysesService } from '../analyses/analyses.service.js';
import type { Asker } from '../tenants/asker.js';
import { BLOBS } from '../tokens.js';

/** Reports of finished analyses, made from what is stored of them. */
@Injectable()
export class ReportService {
  constructor(
    @Inject(AnalysesService) private readonly analyses: AnalysesService,
    @Inject(BLOBS) private readonly blobs: BlobStore,
  ) {}

  /** @throws Problem `analysis_not_found`, `result_gone` or `report_not_ready` */
  async html(id: string, asker: Asker): Promise<string> {
    const result = await this.analyses.finished(id, asker);
    return renderReport({ result, faces: await this.#faces(id) });
  }

  async #faces(id: string): Promise<readonly ReportFace[]> {
    const index = await this.blobs.get(facesIndexKey(id));
    if (index === null) return [];
    const { faces } = JSON.parse(Buffer.from(index).toString('utf8')) as EvidenceFaces;
    const pictures = await Promise.all(
      faces.map(async (face) => {
        const jpeg = await this.blobs.get(faceKey(id, face.frame));
        return jpeg === null ? [] : [{ ...face, jpeg }];
      }),
    );
    return pictures.flat();
  }
}
