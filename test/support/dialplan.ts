// The commands that the recipes of docs/recipes make a telephone system run, with variables filled as FreeSWITCH and Asterisk do.
import { textOf } from '../docs/documents.ts';

/** A call as a telephone system describes it; the caller chooses the numbers. */
export type Call = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** RFC 3339, in UTC. */
  readonly started: string;
};

/** A recipe's command, and the file of the recording. */
export type Hook = { readonly file: string; readonly command: string };

/**
 * FreeSWITCH evaluates the conditions of an extension in order, each with its captures. `set` expands variables once; the API
 * command expands them again when the file is closed (switch_ivr_async.c), and takes the text after its first colon as argument.
 */
export function freeswitchHook(call: Call): Hook {
  const source = textOf('docs/recipes/freeswitch.xml').replace(/<!--[\s\S]*?-->/g, '');
  const known: Record<string, string> = { caller_id_number: call.from, destination_number: call.to, uuid: call.id };
  const expand = (text: string, captures: readonly string[]) =>
    text
      .replace(/\$\$\{recordings_dir\}/g, '/var/lib/freeswitch/recordings')
      .replace(/\$\{strftime_tz\(UTC %Y-%m-%dT%H:%M:%SZ\)\}/g, call.started)
      .replace(/\$\{(\w+)\}/g, (_, name: string) => known[name] ?? '')
      .replace(/\$(\d)/g, (_, n: string) => captures[Number(n)] ?? '');
  let file = '';
  for (const [, attributes = '', body = ''] of source.matchAll(/<condition([^>]*)>([\s\S]*?)<\/condition>/g)) {
    const field = /field="(\w+)"/.exec(attributes)?.[1];
    const expression = /expression="([^"]+)"/.exec(attributes)?.[1] ?? '';
    const captures = field === undefined ? [] : new RegExp(expression).exec(known[field] ?? '');
    if (captures === null) {
      if (!attributes.includes('break="never"')) break;
      continue;
    }
    for (const [, application, data = ''] of body.matchAll(/<action application="(\w+)" data="([^"]*)"\/>/g)) {
      const value = expand(data, captures);
      if (application === 'record_session') file = value;
      if (application !== 'set') continue;
      const [name = '', ...rest] = value.split('=');
      known[name] = rest.join('=');
    }
  }
  const [api, ...argument] = (known['record_post_process_exec_api'] ?? '').split(':');
  if (api !== 'bg_system') throw new Error(`not a command of the shell: ${api}`);
  return { file, command: expand(argument.join(':'), []) };
}

/** Asterisk fills in variables when a step runs; the third argument of MixMonitor() is the command. */
export function asteriskHook(call: Call): Hook {
  const known: Record<string, string> = { 'CALLERID(num)': call.from, ARG1: call.to, UNIQUEID: call.id };
  const filtered = (allowed: string, text: string) => text.replace(new RegExp(`[^${allowed}]`, 'g'), '');
  const expand = (text: string) =>
    text
      .replace(/\$\{STRFTIME\(\$\{EPOCH\},UTC,%Y-%m-%dT%H:%M:%SZ\)\}/g, call.started)
      .replace(/\$\{FILTER\(([^,]+),\$\{([\w()]+)\}\)\}/g, (_, allowed: string, name: string) =>
        filtered(allowed, known[name] ?? ''),
      )
      .replace(/\$\{([\w()]+)\}/g, (_, name: string) => known[name] ?? '');
  for (const line of textOf('docs/recipes/extensions.conf').split('\n')) {
    const step = /^(?:exten => s,1| same => n),(\w+)\((.*)\)$/.exec(line);
    if (step === null) continue;
    const [, application, given = ''] = step;
    const value = expand(given);
    if (application === 'Set') {
      const [name = '', ...rest] = value.split('=');
      known[name] = rest.join('=');
    }
    if (application === 'MixMonitor') {
      const [file = '', , ...command] = value.split(',');
      return { file, command: command.join(',') };
    }
  }
  throw new Error('nothing is recorded');
}
