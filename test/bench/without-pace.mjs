// Preloaded module of bench servers for playback: replaces the pace of listening by no-pace.ts.
import { register } from 'node:module';

register(new URL('./without-pace-hooks.mjs', import.meta.url));
