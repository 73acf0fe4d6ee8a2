// Activity routes: the decoded log for auditors, newest first, with names, reasons, and the bytes to verify.

import { z } from '@hono/zod-openapi';
import { toBase64 } from '../../bytes/base64.ts';
import { logName } from '../../model/audit-event.ts';
import { withoutUndefined } from '../../model/facts.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type ActivityEvent, type ActivityPage, readActivity } from '../../vault/log/read-activity.ts';
import { type RecordingActivity, readRecordingActivity } from '../../vault/log/read-recording-activity.ts';
import type { RecordingInLog } from '../../vault/log/recordings-in.ts';
import { maskedOrNull } from '../access-json.ts';
import { requestOf } from '../context.ts';
import { createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { list } from '../replies.ts';
import { activitySchema, recordingActivitySchema } from '../schemas/activity.ts';
import { anyTime, idParams, jsonReply, recordingId } from '../schemas/shapes.ts';

const activityQuery = z.object({
  cursor: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  from: anyTime.optional(),
  to: anyTime.optional(),
  action: z
    .string()
    .max(2000)
    .regex(/^[a-z_]{1,32}(\.[a-z_]{1,32})?(,[a-z_]{1,32}(\.[a-z_]{1,32})?)*$/, 'actions')
    .optional(),
  person: z
    .string()
    .regex(/^[a-z0-9_-]{1,32}$/, 'actor_id')
    .optional(),
  recording: recordingId.optional(),
});

const pageQuery = activityQuery.pick({ cursor: true, limit: true });

export function activityRoutes(vault: Vault) {
  const app = createRouter('log');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/activity',
      operationId: 'listActivity',
      summary: 'List the tenant’s log, newest first: decoded, with names, reasons, and the bytes to verify',
      action: 'log.activity',
      audit: ['log.read'],
      request: { query: activityQuery },
      responses: { 200: jsonReply('Events below the index in `cursor`, newest first', activitySchema) },
    },
    async (c) => {
      const { cursor = null, limit, action, ...rest } = queryIn(c, activityQuery);
      const filter = withoutUndefined({ ...rest, actions: action?.split(',') });
      const caller = c.get('caller');
      const {
        events,
        names,
        recordings,
        next,
        scanned: looked,
      }: ActivityPage = await readActivity(vault, caller, filter, cursor, limit, requestOf(c));
      const beside = {
        log: logName(vault.settings.origin, caller.tenant),
        names: Object.fromEntries(names),
        recordings: Object.fromEntries([...recordings].map(([id, one]) => [id, loggedRecordingToJson(one)])),
        looked,
      };
      const data = events.map((event) => eventToJson(event, names));
      return list(data, next === null ? null : String(next), c.req.url, beside);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}/activity',
      tag: 'recordings',
      operationId: 'listRecordingActivity',
      summary: 'List a recording’s activity, newest first: who listened, when and how much; no content',
      action: 'recording.activity',
      audit: ['activity.read'],
      request: { params: idParams, query: pageQuery },
      responses: { 200: jsonReply('Events below the index in `cursor`, newest first', recordingActivitySchema) },
    },
    async (c) => {
      const { cursor = null, limit } = queryIn(c, pageQuery);
      const id = idIn(c, 'rec');
      const read = await readRecordingActivity(vault, c.get('caller'), id, cursor, limit, requestOf(c));
      const data = read.events.map((event) => recordingEventToJson(event, read.names));
      return list(data, read.next === null ? null : String(read.next), c.req.url);
    },
  );
  return app;
}

/** Numbers are masked for programs too: the log shows who listened, and not whom they called. */
function loggedRecordingToJson({ recording, facts }: RecordingInLog) {
  return {
    started_at: recording.startedAt,
    direction: recording.direction,
    from_masked: maskedOrNull(facts.numbers?.from),
    to_masked: maskedOrNull(facts.numbers?.to),
    agent: facts.agent ?? null,
    queue: facts.queue ?? null,
  };
}

function recordingEventToJson({ seq, leaf }: RecordingActivity['events'][number], names: RecordingActivity['names']) {
  const { actor, object } = leaf;
  const text = (...members: readonly string[]): string | null => {
    const value = members.map((member) => object[member]).find((one) => one !== undefined);
    return typeof value === 'string' ? value : null;
  };
  const number = (member: string): number | null => {
    const value = object[member];
    return typeof value === 'number' ? value : null;
  };
  return {
    index: seq,
    at: leaf.ts,
    action: leaf.action,
    outcome: leaf.outcome,
    actor: { id: actor.id, type: actor.type, name: names.get(actor.id) ?? null },
    purpose: text('purpose'),
    grant: object.type === 'grant' ? object.id : text('grant'),
    session: object.type === 'session' ? object.id : text('session'),
    heard_ms: number('heard_ms'),
    seconds: number('seconds'),
    reason_code: text('reason', 'why'),
  };
}

function eventToJson({ event, leaf, detail, detailState }: ActivityEvent, names: ActivityPage['names']) {
  const actor = leaf?.actor;
  return {
    index: event.seq,
    at: leaf?.ts ?? null,
    actor:
      actor === undefined
        ? null
        : { id: actor.id, type: actor.type, auth: actor.auth ?? null, name: names.get(actor.id) ?? null },
    action: leaf?.action ?? null,
    outcome: leaf?.outcome ?? null,
    object: leaf?.object ?? null,
    detail,
    detail_state: detailState,
    leaf: toBase64(event.leaf),
    hash: toBase64(event.hash),
  };
}
