// Loaded before a server of the bench: whoever asks for the cipher's module gets no-aes.ts instead.
import { register } from 'node:module';

register(new URL('./without-aes-hooks.mjs', import.meta.url));
