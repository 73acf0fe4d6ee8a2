// The control address: commands of a test to the double, as JSON, which no fault or policy affects.
import { type Exchange, readBody, send } from './exchange.ts';
import { type Fault, planned } from './faults.ts';
import { type PolicyDocument, readPolicy } from './iam/policy.ts';
import { settleStates } from './kms/master-key.ts';
import { type DoubleState, newDoubleState, type Settings } from './state.ts';

const COMMANDS: Readonly<Record<string, (world: DoubleState, input: never) => unknown>> = {
  'add-fault': (world, fault: Fault) => void world.faults.push(planned(fault)),
  'clear-faults': (world) => {
    world.faults = [];
  },
  faults: (world) => world.faults.map(({ fault, happened }) => ({ fault, happened })),
  'set-policy': (world, { caller, policy }: { caller: string; policy: PolicyDocument | null }) => {
    if (policy === null) world.policies.delete(caller);
    else world.policies.set(caller, readPolicy(policy));
  },
  deny: (world, policy: PolicyDocument) => {
    const denied = readPolicy(policy);
    if (denied.some(({ Effect }) => Effect !== 'Deny')) throw new Error('what is denied to all only denies');
    world.denied = denied;
  },
  set: (world, settings: Partial<Settings>) => {
    settleStates(world);
    world.settings = { ...world.settings, ...settings };
  },
  calls: (world) => world.calls,
  'forget-calls': (world) => {
    world.calls = [];
  },
  'data-keys': (world) => world.dataKeys.map((key) => key.toString('base64')),
  /** Ends the waiting time of a scheduled deletion. */
  'destroy-key': (world, arn: string) => {
    if (!world.keys.delete(arn)) throw new Error('no such key');
    for (const [alias, key] of world.aliases) if (key === arn) world.aliases.delete(alias);
  },
  reset: (world) => {
    for (const map of [world.buckets, world.keys, world.aliases, world.policies]) map.clear();
    world.dataKeys.length = 0;
    const { denied, faults, calls, settings } = newDoubleState();
    Object.assign(world, { denied, faults, calls, settings });
  },
};

/** Answers a control request: 200 with a result, or 400 with the reason. */
export async function control(world: DoubleState, exchange: Exchange): Promise<void> {
  const name = (exchange.request.url ?? '').slice('/_double/'.length);
  const body = await readBody(exchange);
  const answer = (status: number, value: unknown) => {
    const headers = { 'content-type': 'application/json' };
    return send(exchange, { status, headers, body: Buffer.from(JSON.stringify(value ?? null)) }, null);
  };
  try {
    const command = COMMANDS[name];
    if (command === undefined) throw new Error(`no command ${name}`);
    await answer(200, command(world, JSON.parse(body.toString('utf8')) as never));
  } catch (error) {
    await answer(400, { error: String(error) });
  }
}
