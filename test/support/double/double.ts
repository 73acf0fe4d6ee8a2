// A double of S3 and KMS that fails on command, in ways that no real server can, and a test's interface to it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { builtFile } from '../built.ts';
import type { Canary } from '../leak-scanner.ts';
import type { Fault } from './faults.ts';
import type { PolicyDocument } from './iam/policy.ts';
import { close, listen } from './listen.ts';
import type { CallRecord, Settings } from './state.ts';

export type Double = {
  /** The endpoint of both services. */
  readonly url: string;
  readonly fault: (fault: Fault) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  /** The faults that were set, each with how often it has happened. */
  readonly faults: () => Promise<readonly { readonly fault: Fault; readonly happened: number }[]>;
  /** Sets what an access key id may do; null allows everything. */
  readonly policy: (caller: string, policy: PolicyDocument | null) => Promise<void>;
  /** Denies these statements to every caller, instead of the previous ones. */
  readonly deny: (...denied: readonly DeniedAction[]) => Promise<void>;
  readonly set: (settings: Partial<Settings>) => Promise<void>;
  /** Every call since the last `forgetCalls`, in order; with a name, only those of that operation. */
  readonly calls: (operation?: string) => Promise<readonly CallRecord[]>;
  readonly forgetCalls: () => Promise<void>;
  /** Every data key that it generated, for the leak scanner. */
  readonly dataKeys: () => Promise<readonly Canary[]>;
  /** Completes the deletion of a key. */
  readonly destroyKey: (arn: string) => Promise<void>;
  /** Deletes all state. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type DeniedAction = {
  readonly action: string;
  readonly resource?: string;
  /** Only under an encryption context with these values. */
  readonly context?: Readonly<Record<string, string>>;
};

/** A double in this process. */
export async function startDouble(): Promise<Double> {
  const { server, url } = await listen();
  return controlled(url, () => close(server));
}

/** A double in a separate process; `variables`: of another clock. */
export async function forkDouble(variables: Readonly<Record<string, string>> = {}): Promise<Double> {
  const program = builtFile('test/support/double/process.ts');
  const env = { ...process.env, ...variables };
  const child = fork(program, { execArgv: [], env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const received = await Promise.race([once(child, 'message'), ended]);
  const { url } = received[0] as { readonly url?: string };
  if (url === undefined) throw new Error(`the double ended with ${String(received[0])}`);
  return controlled(url, async () => {
    child.disconnect();
    await ended;
  });
}

function controlled(url: string, end: () => Promise<void>): Double {
  const send = async <T>(command: string, input: unknown = null): Promise<T> => {
    const response = await fetch(`${url}/_double/${command}`, { method: 'POST', body: JSON.stringify(input) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${command}: ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    url,
    fault: (fault) => send('add-fault', fault),
    clearFaults: () => send('clear-faults'),
    faults: () => send('faults'),
    policy: (caller, policy) => send('set-policy', { caller, policy }),
    deny: (...denied) => send('deny', { Statement: denied.map(statementOf) }),
    set: (settings) => send('set', settings),
    calls: async (operation) => {
      const calls = await send<CallRecord[]>('calls');
      return operation === undefined ? calls : calls.filter((call) => call.operation === operation);
    },
    forgetCalls: () => send('forget-calls'),
    dataKeys: async () => {
      const keys = await send<string[]>('data-keys');
      return keys.map((key, n) => ({ name: `data key ${n}`, bytes: Buffer.from(key, 'base64'), text: false }));
    },
    destroyKey: (arn) => send('destroy-key', arn),
    reset: () => send('reset'),
    close: end,
  };
}

function statementOf({ action, resource = '*', context = {} }: DeniedAction) {
  const keys = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  const condition = keys.length === 0 ? {} : { Condition: { StringEquals: Object.fromEntries(keys) } };
  return { Effect: 'Deny', Action: action, Resource: resource, ...condition };
}
