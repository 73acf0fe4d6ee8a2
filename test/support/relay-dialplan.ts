// The dialplan of docs/recipes/relay for Asterisk, run as Asterisk runs it: variables, conditions, and the files that it writes.
import { textOf } from '../docs/documents.ts';
import type { Call } from './dialplan.ts';

type Step = { readonly label: string | undefined; readonly application: string; readonly given: string };

/** What the dialplan did for a call: the recording's path, and each file with its text, in order. */
export type DialplanRun = { readonly recording: string; readonly files: readonly (readonly [string, string])[] };

/** Runs the recipe: the recording's context, then the hangup handler that it pushed. */
export function runRelayDialplan(call: Call & { readonly linkedid: string }): DialplanRun {
  const contexts = contextsOf(textOf('docs/recipes/relay/extensions.conf'));
  const known = new Map([
    ...Object.entries({
      'CALLERID(num)': call.from,
      ARG1: call.to,
      UNIQUEID: call.id,
      'CHANNEL(linkedid)': call.linkedid,
    }),
  ]);
  const run = { recording: '', files: [] as [string, string][], handler: '' };
  for (let context: string | undefined = 'callvault-record'; context !== undefined; ) {
    const steps = contexts.get(context) ?? [];
    for (let at = 0; at < steps.length; at += 1) {
      const { application, given } = steps[at] as Step;
      if (application === 'Return') break;
      const value = expand(given, known, call.started);
      if (application === 'MixMonitor') run.recording = value;
      else if (application === 'GotoIf') at = jumped(value, steps) ?? at;
      else if (application === 'Set') set(value, known, run);
      else if (application !== 'StopMixMonitor')
        throw new Error(`an application that the test does not know: ${application}`);
    }
    [context, run.handler] = [run.handler === '' ? undefined : run.handler, ''];
  }
  return run;
}

function contextsOf(source: string): ReadonlyMap<string, readonly Step[]> {
  const contexts = new Map<string, Step[]>();
  let steps: Step[] = [];
  for (const line of source.split('\n')) {
    const name = /^\[([\w-]+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      steps = [];
      contexts.set(name, steps);
    }
    // The data is between the first and the last parenthesis.
    const step = /^(?:exten => s,1| same => n(?:\((\w+)\))?),(\w+)\((.*)\)$/.exec(line);
    if (step !== null) steps.push({ label: step[1], application: step[2] ?? '', given: step[3] ?? '' });
    else if (!/^(;.*|\[.*\]|)$/.test(line)) throw new Error(`a line that the test cannot read: ${line}`);
  }
  return contexts;
}

/** Replaces `${…}` from the inside out, as Asterisk does; what a value contains is not expanded again. */
function expand(text: string, known: ReadonlyMap<string, string>, started: string): string {
  const opened: { from: number; text: string }[] = [{ from: 0, text: '' }];
  for (let at = 0; at < text.length; at += 1) {
    const top = opened.at(-1) as { from: number; text: string };
    if (text.startsWith('${', at)) {
      opened.push({ from: at, text: '' });
      at += 1;
    } else if (text[at] === '}' && opened.length > 1) {
      opened.pop();
      (opened.at(-1) as { text: string }).text += variableValue(top.text, known, started);
    } else top.text += text[at];
  }
  return opened[0]?.text ?? '';
}

function variableValue(name: string, known: ReadonlyMap<string, string>, started: string): string {
  const [, allowed, filtered] = /^FILTER\(([^,]+),(.*)\)$/s.exec(name) ?? [];
  if (allowed !== undefined) return (filtered ?? '').replace(new RegExp(`[^${allowed}]`, 'gs'), '');
  if (name.startsWith('LEN(')) return String(name.length - 'LEN()'.length);
  if (name.startsWith('STRFTIME(')) return started;
  return name === 'EPOCH' ? '1772442904' : (known.get(name) ?? '');
}

function jumped(value: string, steps: readonly Step[]): number | undefined {
  const [, left, right, label] = /^\$\[(\d+) = (\d+)\]\?(\w+)$/.exec(value) ?? [];
  if (label === undefined) throw new Error(`a condition that the test cannot read: ${value}`);
  return left === right ? steps.findIndex((step) => step.label === label) - 1 : undefined;
}

function set(value: string, known: Map<string, string>, run: { files: [string, string][]; handler: string }): void {
  const at = value.indexOf('=');
  const [name, text] = [value.slice(0, at), value.slice(at + 1)];
  const file = /^FILE\((.*)\)$/.exec(name)?.[1];
  if (file !== undefined) run.files.push([file, text]);
  else if (name === 'CHANNEL(hangup_handler_push)') run.handler = text.split(',')[0] ?? '';
  // An underscore before a name makes other channels inherit the variable.
  else known.set(name.replace(/^_{1,2}/, ''), text);
}
