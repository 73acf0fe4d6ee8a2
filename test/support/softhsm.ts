// A real PKCS #11 module for tests: SoftHSM 2 with its tokens in a folder. One folder a process, since the module reads its
// configuration once.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CK, CKA, type Cryptoki, type Handle, requirePackage } from '../../src/adapters/pkcs11/cryptoki.ts';
import type { HsmSettings } from '../../src/adapters/pkcs11/pkcs11.ts';
import { parseReference } from '../../src/adapters/pkcs11/reference.ts';
import { ckrOf } from '../../src/adapters/pkcs11/token-failures.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { SetState } from '../contract/tested-keys.ts';
import { TOP } from '../docs/documents.ts';
import { SOFTHSM_MODULE } from './needs.ts';

export const USER_PIN = '624031';
const OFFICER_PIN = '95113340';

export type SoftHsm = {
  /** What names the configuration to the module, in the environment of this process and its children. */
  readonly environment: { readonly SOFTHSM2_CONF: string };
  readonly folder: string;
  /** Makes a token; `settings` then reach it. */
  readonly token: (label: string) => HsmSettings;
  readonly remove: () => void;
};

/** Begins with no token. It sets SOFTHSM2_CONF of this process. */
export function softHsm(): SoftHsm {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-softhsm-'));
  const [tokens, conf] = [join(folder, 'tokens'), join(folder, 'softhsm2.conf')];
  mkdirSync(tokens, { mode: 0o700 });
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const environment = { SOFTHSM2_CONF: conf };
  Object.assign(process.env, environment);
  return {
    environment,
    folder,
    token: (label) => {
      const pins = ['--so-pin', OFFICER_PIN, '--pin', USER_PIN];
      execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins]);
      return {
        module: SOFTHSM_MODULE,
        token: label,
        serial: null,
        pin: { value: USER_PIN },
        nonces: 'random',
        sessions: 4,
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A module between callvault and SoftHSM that can hang or return an error by its number. */
export type InTheWay = { readonly module: string; readonly say: (what: 'nothing' | 'hang' | number) => void };

/** Compiles it into the folder. It sets HSM_IN_THE_WAY of this process. */
export function inTheWay(folder: string): InTheWay {
  const [module, orders] = [join(folder, 'in-the-way.so'), join(folder, 'orders')];
  const headers = join(TOP, 'node_modules/pkcs11js/includes/pkcs11');
  const source = join(TOP, 'test/support/hsm-in-the-way.c');
  const flags = ['-shared', '-fPIC', `-DSOFTHSM_MODULE="${SOFTHSM_MODULE}"`, '-I', headers];
  execFileSync('cc', [...flags, '-o', module, source]);
  Object.assign(process.env, { HSM_IN_THE_WAY: orders });
  return { module, say: (what) => writeFileSync(orders, String(what)) };
}

/** The administrator of a token, who works on its objects behind callvault's back. */
export type Administrator = {
  /** The objects of a key, with their CKA_ID. */
  readonly versions: (key: KeyReference) => readonly { readonly handle: Handle; readonly id: Buffer }[];
  readonly put: (key: KeyReference, state: SetState) => Promise<void>;
  readonly destroy: (handle: Handle) => void;
  readonly set: (handle: Handle, attributes: Readonly<Record<number, boolean | Buffer>>) => void;
  readonly read: (handle: Handle, type: number) => Buffer | undefined;
  /** A key that the customer's own tool makes, of 32 bytes unless `bytes` says another number. */
  readonly make: (label: string, attributes: Readonly<Record<number, boolean | Buffer>>, bytes?: number) => void;
};

type Whole = Cryptoki & {
  readonly C_SetAttributeValue: (session: Handle, object: Handle, template: readonly object[]) => void;
  readonly C_DestroyObject: (session: Handle, object: Handle) => void;
};

/** Logs in to the token, which counts for the whole process. */
export function administratorOf({ module, token }: Pick<HsmSettings, 'module' | 'token'>): Administrator {
  const { PKCS11 } = requirePackage();
  const cryptoki = new PKCS11() as Whole;
  cryptoki.load(module);
  const unless = (known: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (ckrOf(error) !== known) throw error;
    }
  };
  unless('CKR_CRYPTOKI_ALREADY_INITIALIZED', () => cryptoki.C_Initialize({ flags: CK.OS_LOCKING_OK }));
  const slot = cryptoki.C_GetSlotList(true).find((one) => cryptoki.C_GetTokenInfo(one).label.trimEnd() === token);
  if (slot === undefined) throw new Error(`there is no token ${token}`);
  const session = cryptoki.C_OpenSession(slot, CK.RW_SERIAL_SESSION);
  unless('CKR_USER_ALREADY_LOGGED_IN', () => cryptoki.C_Login(session, CK.USER, USER_PIN));

  const set: Administrator['set'] = (handle, attributes) => {
    const template = Object.entries(attributes).map(([type, value]) => ({ type: Number(type), value }));
    cryptoki.C_SetAttributeValue(session, handle, template);
  };
  const versions: Administrator['versions'] = ({ id }) => {
    const label = parseReference(id)?.label ?? '';
    cryptoki.C_FindObjectsInit(session, [{ type: CKA.LABEL, value: label }]);
    const handles = cryptoki.C_FindObjects(session, 100);
    cryptoki.C_FindObjectsFinal(session);
    const idOf = (handle: Handle) => cryptoki.C_GetAttributeValue(session, handle, [{ type: CKA.ID }])[0]?.value;
    return handles.map((handle) => ({ handle, id: idOf(handle) ?? Buffer.alloc(0) }));
  };
  return {
    versions,
    set,
    put: async (key, state) => {
      const on = state === 'enabled';
      for (const { handle } of versions(key)) set(handle, { [CKA.ENCRYPT]: on, [CKA.DECRYPT]: on });
    },
    destroy: (handle) => cryptoki.C_DestroyObject(session, handle),
    read: (handle, type) => {
      try {
        return cryptoki.C_GetAttributeValue(session, handle, [{ type }])[0]?.value;
      } catch (error) {
        if (ckrOf(error) === 'CKR_ATTRIBUTE_SENSITIVE') return undefined;
        throw error;
      }
    },
    make: (label, attributes, bytes = 32) => {
      const own = Object.entries(attributes).map(([type, value]) => ({ type: Number(type), value }));
      cryptoki.C_GenerateKey(session, { mechanism: CK.AES_KEY_GEN }, [
        { type: CKA.CLASS, value: CK.CLASS_SECRET_KEY },
        { type: CKA.KEY_TYPE, value: CK.KEY_AES },
        { type: CKA.VALUE_LEN, value: bytes },
        { type: CKA.TOKEN, value: true },
        ...(CKA.PRIVATE in attributes ? [] : [{ type: CKA.PRIVATE, value: true }]),
        { type: CKA.ENCRYPT, value: true },
        { type: CKA.DECRYPT, value: true },
        { type: CKA.LABEL, value: label },
        ...own,
      ]);
    },
  };
}
