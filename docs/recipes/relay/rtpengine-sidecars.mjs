#!/usr/bin/env node
// Makes sidecars for callvault relay from notifications of rtpengine's recording daemon. Listens on this machine only.
// Usage: node rtpengine-sidecars.mjs RECORDINGS [PORT] [SOURCE]. Runs as a service; the daemon sends again what it could not deliver.
// Needs Node 20 and no packages. It logs nothing of a call.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { isAbsolute, join, normalize } from 'node:path';
import { writeSidecar } from './write-sidecar.mjs';

const [recordings, port = '8471', source = 'rtpengine'] = process.argv.slice(2);
if (recordings === undefined) {
  process.stderr.write('usage: rtpengine-sidecars.mjs RECORDINGS [PORT] [SOURCE]\n');
  process.exit(2);
}

/** Members that the metadata string of rtpengine may have: `from:…|to:…`. */
const MEMBERS = ['from', 'to', 'agent', 'queue', 'ticket', 'direction', 'interaction', 'language'];

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    let status = 500;
    try {
      status = handle(request.headers);
    } catch (error) {
      process.stderr.write(`a sidecar could not be written (${error.code ?? error.name})\n`);
    }
    response.writeHead(status).end();
  });
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`listening on ${server.address().port}\n`));

/** Writes the sidecar of a finished recording. Every status but 204 makes the daemon send the notification again. */
function handle(headers) {
  const name = text(headers['x-recording-file-name']);
  const call = text(headers['x-recording-call-id']);
  if (name === '' || call === '' || isAbsolute(name) || normalize(name).startsWith('..')) return 400;
  const path = join(recordings, name);
  if (!existsSync(path)) return 404;
  const start = Number(headers['x-recording-call-start-time']);
  const metadata = {
    source,
    call_id: call.replace(/[/\\]/g, '_'),
    leg: legOf(name),
    started_at: start > 0 ? new Date(Math.round(start * 1000)).toISOString() : undefined,
    ...membersOf(text(headers['x-recording-call-metadata'])),
  };
  writeSidecar(path.replace(/\.[^./]*$/, '.json'), metadata);
  return 204;
}

/** Header values are Latin-1 in Node; rtpengine sends UTF-8. */
function text(value) {
  return Buffer.from(String(value ?? ''), 'latin1')
    .toString('utf8')
    .trim();
}

/** The random tag of `%c-%r-%t` separates recordings of one call id; a single stream adds its SSRC. */
function legOf(name) {
  const found = /-([0-9a-f]{8,32})-(mix|[0-9a-f]{1,8})\.[^.]*$/i.exec(name);
  if (found === null) return '0';
  return found[2].toLowerCase() === 'mix' ? found[1] : `${found[1]}-${found[2]}`;
}

function membersOf(metadata) {
  const members = {};
  for (const part of metadata.split('|')) {
    const at = part.indexOf(':');
    const [name, value] = [part.slice(0, at), part.slice(at + 1).trim()];
    if (at > 0 && MEMBERS.includes(name) && value !== '') members[name] = value;
  }
  return members;
}
