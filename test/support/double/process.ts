// The double as a process of its own: it outlives the services that use it, and ends with whoever started it.
import process from 'node:process';
import { listen } from './listen.ts';

const { url } = await listen();
process.send?.({ url });
process.on('disconnect', () => process.exit(0));
