// Ports that throw when code calls them inside an open transaction of the same async context, where only `tx` may be used,
// or writes an event that does not match the catalogue.
import { AsyncLocalStorage } from 'node:async_hooks';
import { ingestKeys } from '../../src/vault/core/keys-in-memory/ingest-keys.ts';
import { metadataKeys } from '../../src/vault/core/keys-in-memory/metadata-keys.ts';
import { tenantKeks } from '../../src/vault/core/keys-in-memory/tenant-keks.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { boundToCaller } from './allowed-statements.ts';
import { misfits } from './catalogued.ts';

type Ports = Pick<Vault, 'db' | 'store' | 'keys'>;

type Kind = 'read' | 'change' | 'note' | 'repair';

const open = new AsyncLocalStorage<Kind>();

/** Guards every method of the ports. `seen` receives every call of the store and the key service. */
export function guardedPorts(ports: Ports, seen: (call: string) => void = () => undefined): Ports {
  const { db } = ports;
  const refuse = (call: string): void => {
    const kind = open.getStore();
    if (kind !== undefined) throw new Error(`${call} inside an open ${kind}`);
  };
  const watch = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          seen(`${name}.${String(method)}`);
          refuse(`${name}.${String(method)}`);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  const inside = <From, T>(kind: Kind, work: (from: From) => Promise<T>) =>
    boundToCaller((from: From): Promise<T> => open.run(kind, () => work(from)));
  return {
    store: watch(ports.store, 'store'),
    keys: watch(ports.keys, 'keys'),
    db: {
      ...db,
      read: async (work, wait) => {
        refuse('db.read');
        return db.read(inside('read', work), wait);
      },
      change: async (work, wait) => {
        refuse('db.change');
        return db.change(
          inside('change', async (tx) => {
            const done = await work(tx);
            const wrong = 'unchanged' in done ? [] : done.events.flatMap(misfits);
            if (wrong.length > 0) throw new Error(`not as the event catalogue has it: ${wrong.join('; ')}`);
            return done;
          }),
          wait,
        );
      },
      note: async (work, wait) => {
        refuse('db.note');
        return db.note(inside('note', work), wait);
      },
      repair: async (work, wait) => {
        refuse('db.repair');
        return db.repair(inside('repair', work), wait);
      },
    },
  };
}

/** The vault over guarded ports, with separate caches of keys over them. */
export function guardedVault(vault: Vault, seen?: (call: string) => void): Vault {
  const ports = guardedPorts(vault, seen);
  const parts = { ...ports, clock: vault.clock, settings: vault.settings };
  const metadata = metadataKeys(parts);
  const caches = { metadataKeys: metadata, tenantKeks: tenantKeks(parts) };
  return { ...vault, ...ports, ...caches, ingestKeys: ingestKeys({ ...parts, metadataKeys: metadata }) };
}
