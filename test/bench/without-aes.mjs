// Preloaded module of a bench server: replaces the cipher's module by no-aes.ts.
import { register } from 'node:module';

register(new URL('./without-aes-hooks.mjs', import.meta.url));
