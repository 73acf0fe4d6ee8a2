// Process of a storm's throttling proxies, separate so that their work does not slow the measured processes.
import { quotaOf, startThrottlingProxy } from './throttling-proxy.ts';

const [url = '', perSecond = '1', many = '2'] = process.argv.slice(2);
const quota = quotaOf(Number(perSecond));
const doors = await Promise.all(Array.from({ length: Number(many) }, () => startThrottlingProxy(url, quota)));
process.on('message', ({ door, forget }: { readonly door: number; readonly forget: boolean }) => {
  if (forget) doors[door]?.resetCounts();
  process.send?.(doors[door]?.counts());
});
// The parent ends them by closing the channel.
process.on('disconnect', () => process.exit(0));
process.send?.(doors.map((door) => door.url));
