import { Controller, Delete, Inject, Param } from '@nestjs/common';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { ANALYSES_PATH } from './analysis-resource.js';
import { Deletion, type DeletedBody } from './deletion.js';

@Controller(ANALYSES_PATH.slice(1))
export class DeleteController {
  constructor(@Inject(Deletion) private readonly deletion: Deletion) {}

  /** Deletes an analysis that has ended, with its media and crops unless another one has them too. */
  @Delete(':id')
  delete(@Param('id') id: string, @AskedBy() { tenant }: Asker): Promise<DeletedBody> {
    return this.deletion.delete(id, tenant);
  }
}
