#!/usr/bin/env node
// Makes sidecars for callvault relay from FreeSWITCH's call detail records (mod_json_cdr), then deletes the records.
// Usage: node freeswitch-sidecars.mjs RECORDS RECORDINGS [SOURCE]. One pass: a timer runs it every minute.
// Needs Node 20 and no packages. It prints counts, never a value of a call.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeSidecar } from './write-sidecar.mjs';

const [records, recordings, source = 'freeswitch'] = process.argv.slice(2);
if (records === undefined || recordings === undefined) {
  process.stderr.write('usage: freeswitch-sidecars.mjs RECORDS RECORDINGS [SOURCE]\n');
  process.exit(2);
}

const ENDINGS = ['wav', 'mp3', 'ogg', 'opus', 'flac'];
const DAY_MS = 86_400_000;
const counts = { written: 0, waiting: 0, unreadable: 0, without_recording: 0 };

for (const name of readdirSync(records)) {
  if (!name.endsWith('.cdr.json')) continue;
  const path = join(records, name);
  const age = Date.now() - statSync(path).mtimeMs;
  const record = parse(readFileSync(path, 'utf8'));
  // FreeSWITCH writes a record in place: one that is not complete is read in the next pass.
  if (record === null) {
    counts[age > 60_000 ? 'unreadable' : 'waiting'] += 1;
    continue;
  }
  const call = callOf(record);
  const found =
    call === null ? undefined : ENDINGS.find((ending) => existsSync(join(recordings, `${call.call_id}.${ending}`)));
  if (found !== undefined) {
    writeSidecar(join(recordings, `${call.call_id}.json`), { source, ...call });
    rmSync(path);
    counts.written += 1;
  } else if (age > DAY_MS) {
    // The other leg of a call, or one that was too short to be recorded.
    rmSync(path);
    counts.without_recording += 1;
  }
}
process.stdout.write(`${JSON.stringify(counts)}\n`);
process.exitCode = counts.unreadable > 0 ? 1 : 0;

function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value?.variables === 'object' && value.variables !== null ? value : null;
  } catch {
    return null;
  }
}

function callOf({ variables: given, callflow }) {
  const variables = decoded(given);
  const uuid = variables.uuid?.toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid ?? '')) return null;
  const profile = (Array.isArray(callflow) ? callflow.at(-1) : callflow)?.caller_profile ?? {};
  const epoch = Number(variables.callvault_started_epoch ?? variables.start_epoch);
  const members = {
    call_id: uuid,
    started_at: epoch > 0 ? new Date(epoch * 1000).toISOString() : undefined,
    direction: variables.callvault_direction,
    from: variables.caller_id_number ?? variables.sip_from_user ?? profile.caller_id_number,
    to: variables.sip_to_user ?? profile.destination_number,
    agent: variables.cc_agent,
    queue: variables.cc_queue,
    interaction: variables.call_uuid?.toLowerCase(),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => typeof value === 'string' && value !== ''));
}

/** Values are encoded like a URL unless `encode-values` is false: then stamps have a space. */
function decoded(variables) {
  const stamp = variables.start_stamp ?? variables.end_stamp ?? '';
  if (stamp.includes(' ')) return variables;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, decodedText(value)]));
}

function decodedText(value) {
  try {
    return typeof value === 'string' ? decodeURIComponent(value) : value;
  } catch {
    return value;
  }
}
