// A planted route that shows a recording without a check that it needs.
import { z } from '@hono/zod-openapi';
import { VaultError } from '../../../src/errors.ts';
import { requestOf } from '../../../src/http/context.ts';
import { createRouter, idIn, serve } from '../../../src/http/endpoint.ts';
import { json } from '../../../src/http/replies.ts';
import type { Recording } from '../../../src/model/recording.ts';
import type { Rows } from '../../../src/ports/database.ts';
import type { WorldOptions } from '../world.ts';

type Find = (rows: Rows, recording: string, tenant: string) => Promise<Recording | null>;

/** Adds the route to an application; `find` reads the recording. */
export function plantedRoute(find: Find): NonNullable<WorldOptions['routes']> {
  return (app, vault) => {
    const planted = createRouter('recordings');
    const endpoint = {
      method: 'get',
      path: '/v1/recordings/{id}/planted',
      operationId: 'getPlanted',
      summary: 'A hole',
      action: 'recording.read',
      audit: ['recording.read'],
      request: { params: z.object({ id: z.string() }) },
      responses: { 200: { description: 'A row', content: { 'application/json': { schema: z.looseObject({}) } } } },
    } as const;
    serve(planted, vault, endpoint, async (c) => {
      const { tenant } = c.get('caller');
      const row = await vault.db.read((rows) => find(rows, idIn(c, 'rec'), tenant), requestOf(c));
      if (row === null) throw new VaultError('not_found', 'there is no such recording');
      return json({ state: row.state });
    });
    app.route('/', planted);
  };
}
