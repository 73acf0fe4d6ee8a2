// The double as a separate process: it outlives the services that use it, and ends with the process that started it.
import process from 'node:process';
import { listen } from './listen.ts';

const { url } = await listen();
process.send?.({ url });
process.on('disconnect', () => process.exit(0));
