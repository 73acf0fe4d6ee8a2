// The doors of a storm, in a process of their own: what goes through them takes no time from those who are measured.
import { quotaOf, startThrottlingProxy } from './throttling-proxy.ts';

const [url = '', perSecond = '1', many = '2'] = process.argv.slice(2);
const quota = quotaOf(Number(perSecond));
const doors = await Promise.all(Array.from({ length: Number(many) }, () => startThrottlingProxy(url, quota)));
process.on('message', ({ door, forget }: { readonly door: number; readonly forget: boolean }) => {
  if (forget) doors[door]?.resetCounts();
  process.send?.(doors[door]?.counts());
});
// Whoever opened them ends them by going away.
process.on('disconnect', () => process.exit(0));
process.send?.(doors.map((door) => door.url));
