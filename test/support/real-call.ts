// A real call on this machine: SIPp calls baresip, which answers and records both directions as FreeSWITCH does, into growing
// files whose header is written when the call ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.ts';
import { wav } from './wav.ts';

export type RealCall = {
  /** The file of what the caller said, while it grows and afterwards. */
  readonly recording: () => string | undefined;
  /** Waits until the call has ended and the file is closed. */
  readonly ended: () => Promise<void>;
  readonly end: () => Promise<void>;
};

const ATTEMPTS = 5;
/** How long the programs of a call may take to start, or to bring media. */
const DIAL_MS = 50_000;

/** Starts a call of these seconds from a number, and waits until media arrive. Needs the programs `sipp` and `baresip`. */
export async function startCall(seconds: number, from: string): Promise<RealCall> {
  for (let left = ATTEMPTS; ; left--) {
    const { call, hasMedia, said } = await dial(seconds, from);
    if (await hasMedia()) return call;
    await call.end();
    // Another program may have taken one of the ports since they were chosen, or media were lost.
    if (left === 1) throw new Error(`no media arrived in ${ATTEMPTS} calls; baresip: ${said()}`);
  }
}

type Dialled = {
  readonly call: RealCall;
  /** Whether media arrive; false once the caller has ended without any. */
  readonly hasMedia: () => Promise<boolean>;
  readonly said: () => string;
};

async function dial(seconds: number, from: string): Promise<Dialled> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-call-'));
  const recordings = join(folder, 'recordings');
  mkdirSync(recordings);
  writeFileSync(join(folder, 'agent.wav'), wav(16_000 * (seconds + 10)));
  writeFileSync(
    join(folder, 'caller.alaw'),
    Buffer.from(Array.from({ length: 8_000 * seconds }, (_, n) => (n * 7) % 256)),
  );
  const [sip = 0, media = 0, own = 0] = await freeUdpPorts(3);
  writeFileSync(join(folder, 'config'), configOf(folder, recordings, sip));
  writeFileSync(join(folder, 'accounts'), `<sip:agent@127.0.0.1:${sip}>;regint=0;answermode=auto;audio_codecs=pcma\n`);
  writeFileSync(join(folder, 'call.xml'), scenarioOf(seconds, from));
  const children: ChildProcess[] = [];
  const start = (command: string, args: readonly string[]): ChildProcess => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const agent = start('baresip', ['-f', folder]);
  let said = '';
  for (const stream of [agent.stdout, agent.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const within = async (ms: number, holds: () => boolean): Promise<boolean> => {
    for (const end = performance.now() + ms; !holds(); await sleep(50)) if (performance.now() > end) return false;
    return true;
  };
  const isReady = await within(DIAL_MS, () => said.includes('baresip is ready') || agent.exitCode !== null);
  const caller = start('sipp', [
    ...[`127.0.0.1:${sip}`, '-sf', 'call.xml', '-m', '1', '-i', '127.0.0.1', '-mi', '127.0.0.1', '-nostdin'],
    ...['-p', String(own), '-min_rtp_port', String(media), '-max_rtp_port', String(media + 100)],
  ]);
  for (const stream of [caller.stdout, caller.stderr]) stream?.resume();
  const recording = (): string | undefined => {
    const name = readdirSync(recordings).find((file) => file.endsWith('-dec.wav'));
    return name === undefined ? undefined : join(recordings, name);
  };
  const isArriving = (): boolean => said.includes("incoming rtp for 'audio' established");
  const hasMedia = async (): Promise<boolean> => {
    await within(isReady ? DIAL_MS : 0, () => isArriving() || caller.exitCode !== null || said.includes('terminated'));
    return isArriving();
  };
  const call = {
    recording,
    ended: async () => {
      if (caller.exitCode === null) await once(caller, 'exit');
      if (caller.exitCode !== 0) throw new Error(`the call failed: sipp ended with ${caller.exitCode}`);
      // The length in the header, which is written when the file is closed.
      const hasLength = () => readFileSync(recording() ?? '').readUInt32LE(40) > 0;
      await until('baresip has closed the file', hasLength, { everyMs: 50, seen: () => said });
    },
    end: async () => {
      for (const child of children)
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return { call, hasMedia, said: () => said };
}

/** Even UDP ports, each free together with the next one: RTP takes an even port, and RTCP the next. */
async function freeUdpPorts(count: number): Promise<number[]> {
  const bound: Socket[] = [];
  const bind = async (port: number): Promise<number | null> => {
    const socket = createSocket('udp4');
    bound.push(socket);
    const taken = once(socket, 'error').then(() => null);
    socket.bind(port, '127.0.0.1');
    return Promise.race([once(socket, 'listening').then(() => socket.address().port), taken]);
  };
  const ports: number[] = [];
  try {
    while (ports.length < count) {
      const port = await bind(0);
      if (port !== null && port % 2 === 0 && (await bind(port + 1)) !== null) ports.push(port);
    }
    return ports;
  } finally {
    for (const socket of bound) socket.close();
  }
}

function configOf(folder: string, recordings: string, sip: number): string {
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${sip}`,
    'audio_player aubridge,nil',
    `audio_source aufile,${join(folder, 'agent.wav')}`,
    'audio_alert aubridge,nil',
    ...['ausrc_srate 8000', 'auplay_srate 8000', 'ausrc_channels 1', 'auplay_channels 1'],
    'module_path /usr/lib/baresip/modules',
    ...['stdio', 'g711', 'aufile', 'aubridge', 'sndfile'].map((name) => `module ${name}.so`),
    ...['account', 'menu'].map((name) => `module_app ${name}.so`),
    `snd_path ${recordings}`,
    '',
  ].join('\n');
}

function scenarioOf(seconds: number, from: string): string {
  const request = (method: string, cseq: number, to: string, more: string): string =>
    [
      `${method} sip:agent@[remote_ip]:[remote_port] SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
      `From: <sip:${from}@[local_ip]:[local_port]>;tag=[call_number]`,
      `To: <sip:agent@[remote_ip]:[remote_port]>${to}`,
      'Call-ID: [call_id]',
      `CSeq: ${cseq} ${method}`,
      'Contact: <sip:caller@[local_ip]:[local_port]>',
      'Max-Forwards: 70',
      more,
    ].join('\n');
  const sdp = [
    'Content-Type: application/sdp\nContent-Length: [len]\n',
    ...['v=0', 'o=caller 1 1 IN IP4 [local_ip]', 's=-', 'c=IN IP4 [media_ip]', 't=0 0'],
    ...['m=audio [rtpstream_audio_port] RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=ptime:20\n'],
  ].join('\n');
  const none = 'Content-Length: 0\n\n';
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="a call with media">
  <send retrans="500"><![CDATA[\n${request('INVITE', 1, '', sdp)}\n]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rtd="true"/>
  <send><![CDATA[\n${request('ACK', 1, '[peer_tag_param]', none)}\n]]></send>
  <nop><action><exec rtp_stream="caller.alaw,1,8,PCMA/8000"/></action></nop>
  <pause milliseconds="${seconds * 1000 + 1000}"/>
  <send retrans="500"><![CDATA[\n${request('BYE', 2, '[peer_tag_param]', none)}\n]]></send>
  <recv response="200"/>
</scenario>
`;
}
