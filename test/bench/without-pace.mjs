// Loaded before each server of the bench that is listened to: whoever asks for the pace of listening gets no-pace.ts.
import { register } from 'node:module';

register(new URL('./without-pace-hooks.mjs', import.meta.url));
