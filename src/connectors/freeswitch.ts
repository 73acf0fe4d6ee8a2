// FreeSWITCH: `<uuid>.wav` with the call detail record of mod_json_cdr, a file for each leg (mod_json_cdr.c).
import { fileName, isAudio, type Layout, metadataOf, recordingOf, withoutEnding } from './layout.ts';
import { epochTime, idsDiffer, type JsonMembers, membersOf, objectIn, percentDecoded, textOf } from './values.ts';

const CDR = /\.cdr\.json$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Recordings named by the leg's uuid; records beside them or in a folder `json_cdr`, also with mod_json_cdr's `a_`. */
export const freeswitch: Layout = {
  roleOf: (path) => (CDR.test(path) ? 'beside' : isAudio(path) ? 'recording' : { why: 'not-a-recording' }),
  besideOf: (path) => {
    const name = `${withoutEnding(fileName(path))}.cdr.json`;
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return [folder, `${folder}json_cdr/`, 'json_cdr/'].flatMap((at) => [`${at}${name}`, `${at}a_${name}`]);
  },
  read: (path, texts) => {
    const uuid = withoutEnding(fileName(path));
    if (!UUID.test(uuid)) return { why: 'no-call-id' };
    const [text] = texts.values();
    if (text === undefined) return { why: 'no-metadata' };
    const record = objectIn(text);
    if (record === null) return { why: 'metadata-unreadable' };
    const variables = decoded(membersOf(record, 'variables'));
    if (idsDiffer(textOf(variables, 'uuid'), uuid)) return { why: 'metadata-differs' };
    const profile = callerProfile(record);
    const numbers = (name: string, ...variable: string[]) => textOf(variables, ...variable) ?? textOf(profile, name);
    const direction = textOf(variables, 'callvault_direction', 'call_direction');
    return recordingOf(
      path,
      metadataOf({
        call_id: uuid.toLowerCase(),
        started_at: epochTime(textOf(variables, 'callvault_started_epoch', 'start_epoch')),
        // FreeSWITCH's own direction is that of a leg.
        direction: ['inbound', 'outbound', 'internal'].includes(direction ?? '') ? direction : undefined,
        from: numbers('caller_id_number', 'caller_id_number', 'sip_from_user'),
        to: numbers('destination_number', 'sip_to_user'),
        agent: textOf(variables, 'cc_agent', 'callvault_agent'),
        queue: textOf(variables, 'cc_queue', 'callvault_queue'),
        ticket: textOf(variables, 'callvault_ticket'),
        // Both legs of a bridge have the call_uuid of the first.
        interaction: textOf(variables, 'call_uuid', 'originating_leg_uuid', 'originator')?.toLowerCase(),
      }),
    );
  },
};

/** The caller of the first part of the call; its values are not encoded. */
function callerProfile(record: JsonMembers): JsonMembers {
  const flow = record['callflow'];
  const first: unknown = Array.isArray(flow) ? flow.at(-1) : flow;
  const members = typeof first === 'object' && first !== null ? (first as JsonMembers) : {};
  return membersOf(members, 'caller_profile');
}

/** Variables, whose values mod_json_cdr encodes like a URL by default (`encode-values`). */
function decoded(variables: JsonMembers): JsonMembers {
  // A stamp has a space and colons: a record whose stamps have none is encoded. Without a stamp, it is by default.
  const stamp = textOf(variables, 'start_stamp', 'end_stamp', 'answer_stamp', 'profile_start_stamp');
  if (stamp !== undefined && / /.test(stamp)) return variables;
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? percentDecoded(value) : value]),
  );
}
