// The worker thread that holds one session with the token: one request at a time, since the module's calls block.
import { parentPort, workerData } from 'node:worker_threads';
import { requirePackage } from './cryptoki.ts';
import type { TokenRequest, TokenSettings } from './token-messages.ts';
import { tokenOperations } from './token-operations.ts';

const port = parentPort;
if (port === null) throw new Error('this is a worker thread');
const { PKCS11, CK_PARAMS_AES_GCM_v240: gcm } = requirePackage();
const { answer, close } = tokenOperations({ cryptoki: new PKCS11(), gcm }, workerData as TokenSettings);

port.on('message', (request: TokenRequest | 'close') => {
  if (request === 'close') {
    close();
    port.close();
    return;
  }
  const said = answer(request);
  const dataKey = 'value' in said ? said.value.dataKey : undefined;
  // Handed over, and not copied: nothing of it stays here.
  port.postMessage(said, dataKey === undefined ? [] : [dataKey.buffer]);
});
