// Bench: the least that a server of this kind loads to be ready: Hono, its server for Node, and an open database.

import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import Database from 'better-sqlite3';
import { Hono } from 'hono';

const database = new Database(':memory:');
const app = new Hono().get('/healthz', (c) => c.json({ rows: database.prepare('select 1').all().length }));
const answer = getRequestListener(app.fetch);
const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
server.listen(0, '127.0.0.1', () => console.log('listening'));
