import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { describe, modelNames, readModel } from './generate-descriptions.ts';
import { noDescriptions } from './openapi/descriptions.ts';
import { readDescriptions } from './openapi/read-descriptions.ts';

const declaration = `/**
 * A header of the file.
 *
 * Of two lines.
 */
import { V1Other } from '../models/V1Other.js';
/**
* What a thing is, in
* two lines.
*/
export declare class V1Lease {
    /**
    * It\\'s an object\\'s metadata.
    */
    'metadata'?: V1ObjectMeta;
    'undocumented': string;
    /**
    * A name that TypeScript has for itself.
    */
    '_continue'?: string;
    static readonly discriminator: string | undefined;
}
`;

test('a model says what its type and members are', (t) => {
  const { type, fields } = readModel(declaration);
  t.is(type, 'What a thing is, in\ntwo lines.');
  t.deepEqual(
    [...fields],
    [
      ['metadata', "It's an object's metadata."],
      ['continue', 'A name that TypeScript has for itself.'],
    ],
  );
});

test('a name that two groups share is looked for with its group first', (t) => {
  t.deepEqual(modelNames('io.k8s.api.core.v1.Event'), ['CoreV1Event', 'V1Event', 'Event']);
});

test('texts stand by type and field, as far as the facts have them', (t) => {
  const lease = 'io.k8s.api.coordination.v1.Lease';
  t.deepEqual(describe(new Map([['V1Lease', readModel(declaration)]])), {
    types: { [lease]: 'What a thing is, in\ntwo lines.' },
    fields: { [`${lease}#metadata`]: "It's an object's metadata." },
  });
});

test('of a member that is another model, what is said of that model', (t) => {
  const spec = readModel(declaration.replace('V1Lease', 'V1LeaseSpec'));
  const lease = { type: 'A lease.', fields: new Map<string, string>() };
  const { fields } = describe(
    new Map([
      ['V1LeaseSpec', spec],
      ['V1Lease', lease],
    ]),
  );
  t.is(fields['io.k8s.api.coordination.v1.Lease#spec'], 'What a thing is, in\ntwo lines.');
});

test('descriptions are read where they are, and none where they are not or cannot be read', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'descriptions-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const at = (name: string, content: string | Buffer): URL => {
    writeFileSync(join(directory, name), content);
    return pathToFileURL(join(directory, name));
  };
  const texts = { types: { a: 'A.' }, fields: { 'a#b': 'B.' } };
  t.like(readDescriptions([at('good', gzipSync(JSON.stringify(texts)))]), texts);
  t.deepEqual(
    readDescriptions([at('half', gzipSync(JSON.stringify(texts)).subarray(0, 20))]),
    noDescriptions,
  );
  t.deepEqual(readDescriptions([at('list', gzipSync('[]'))]), { types: {}, fields: {} });
  t.deepEqual(readDescriptions([pathToFileURL(join(directory, 'none'))]), noDescriptions);
});
