// Routes of the answer to a recorded person: the answer as JSON or as a letter, and the package of copies.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { SubjectAnswer } from '../../model/subject/answer.ts';
import { issueSubjectCertificate } from '../../vault/certificates/of-subject.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { readAnswer } from '../../vault/subjects/answer.ts';
import { openPackage } from '../../vault/subjects/package.ts';
import { certificateReply } from '../certificate-reply.ts';
import { type Env, requestOf } from '../context.ts';
import { createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import type { Language } from '../language.ts';
import { json } from '../replies.ts';
import { streamReplyBody } from '../reply-stream.ts';
import { idParams } from '../schemas/shapes.ts';
import { subjectAnswerSchema } from '../schemas/subject-answers.ts';
import { limitStreams } from '../stream-limit.ts';
import { answerTexts } from '../subject-answer/answer-texts.ts';
import { answerLetter, LETTER_POLICY } from '../subject-answer/letter.ts';
import { answerParagraphs } from '../subject-answer/sentences.ts';
import { zipOf } from '../zip.ts';

const LANGUAGES = ['en', 'zh-CN'] as const satisfies readonly Language[];
const answerQuery = z.object({
  format: z
    .enum(['json', 'html'])
    .default('json')
    .openapi({ description: '`html`: the letter, one file that loads nothing' }),
  language: z.enum(LANGUAGES).default('en').openapi({ description: 'of the letter, and of `paragraphs`' }),
});

/** Packages that a person downloads at once. */
const MAX_PACKAGES = 2;

export function subjectAnswerRoutes(vault: Vault) {
  const app = createRouter('subject-requests');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/subject-requests/{id}/answer',
      operationId: 'getSubjectAnswer',
      summary:
        'Get the answer to a recorded person, as JSON or as a letter: a draft until all that was decided is done',
      action: 'lifetime.read',
      audit: ['subject.read'],
      request: { params: idParams, query: answerQuery },
      refuses: ['integrity'],
      responses: {
        200: {
          description: 'The answer',
          content: {
            'application/json': { schema: subjectAnswerSchema },
            'text/html': { schema: { type: 'string' } },
          },
        },
      },
    },
    async (c) => {
      const { format, language } = queryIn(c, answerQuery);
      const answer = await readAnswer(vault, c.get('caller'), idIn(c, 'sub'), requestOf(c));
      return format === 'html' ? letterReply(answer, language) : json(answerToJson(answer, language));
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/subject-requests/{id}/certificate',
      operationId: 'getSubjectCertificate',
      summary: 'Issue the signed certificate of what a subject request erased, and of what stays',
      action: 'certificate.issue',
      audit: ['certificate.issued'],
      request: { params: idParams },
      refuses: ['conflict', 'not_available', 'integrity'],
      responses: {
        200: {
          description:
            'A C2SP signed note under the name of the tenant’s log; `callvault certificates check` verifies it',
          content: { 'text/plain': { schema: z.string() } },
        },
      },
    },
    async (c) => certificateReply(await issueSubjectCertificate(vault, c.get('caller'), idIn(c, 'sub'), requestOf(c))),
  );
  return app;
}

/** Served where recordings are opened. */
export function subjectPackageRoutes(vault: Vault) {
  const app = createRouter('subject-requests');
  const few = limitStreams(MAX_PACKAGES);
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/subject-requests/{id}/package',
      operationId: 'getSubjectPackage',
      summary:
        'Get the copies of a recorded person as a ZIP file that is made while it is sent: for the officer whom two people named, until their end',
      action: 'subject.copy',
      audit: ['subject.read', 'subject.downloaded', 'session.opened', 'session.ended', 'content.refused'],
      request: { params: idParams },
      refuses: [
        ...(['conflict', 'access_refused', 'session_ended', 'integrity', 'store_unavailable', 'key_zeroed'] as const),
        'too_many_streams',
      ],
      responses: {
        200: {
          description:
            'Audio, transcripts and facts of each recording whose copy two people approved, the answer in both languages, and `digests.txt`. Each recording is a listening session on the change. A reply that is cut ends its session: request it again, which is another download.',
          content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
        },
      },
    },
    (c) => few(c, () => packageReply(c, vault)),
  );
  return app;
}

function answerToJson(answer: SubjectAnswer, language: Language) {
  return { ...answer, language, paragraphs: answerParagraphs(answer, answerTexts(language, answer.time_zone)) };
}

/** It shows what people wrote on this site: no browser runs or loads anything of it. */
function letterReply(answer: SubjectAnswer, language: Language): Response {
  return new Response(answerLetter(answer, language), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': `${LETTER_POLICY}; frame-ancestors 'none'; sandbox`,
      'cache-control': 'no-store',
    },
  });
}

/** The answer's files in a package: its JSON, and a letter in each language. */
function answerFiles(answer: SubjectAnswer) {
  const document = `${JSON.stringify(answer, null, 2)}\n`;
  const letters = LANGUAGES.map((language) => ({
    name: `answer/answer.${language}.html`,
    text: answerLetter(answer, language),
  }));
  return [{ name: 'answer/answer.json', text: document }, ...letters];
}

async function packageReply(c: Context<Env>, vault: Vault): Promise<Response> {
  const id = idIn(c, 'sub');
  // Hono answers HEAD by the GET route: that must not open anything.
  const looks = c.req.method === 'HEAD';
  const { files, over } = await openPackage(vault, c.get('caller'), id, answerFiles, { looks }, requestOf(c));
  const body = looks ? null : await streamReplyBody(zipOf(files), c.get('cut'), over);
  return new Response(body, {
    headers: {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${id}.zip"`,
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      // The server may reset this connection, so no other request may use it.
      connection: 'close',
    },
  });
}
