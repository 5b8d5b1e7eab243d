import test from 'ava';
import fc from 'fast-check';
import { CatFileParser, type CatFileReply } from './cat-file-parser.ts';

const OID = 'ab'.repeat(20);

function parse(
  chunks: readonly Buffer[],
  options: { readonly count: number; readonly contents?: boolean; readonly bytesMax?: number },
): { readonly replies: readonly CatFileReply[] | null; readonly problem: string | null } {
  const parser = new CatFileParser({ contents: true, bytesMax: 1000, ...options });
  let replies: readonly CatFileReply[] | null = null;
  parser.onDone = (all) => {
    replies = all;
  };
  for (const chunk of chunks) {
    const problem = parser.push(chunk);
    if (problem !== null) return { replies, problem };
  }
  return { replies, problem: null };
}

test('headers alone', (t) => {
  const text = `${OID} tree 12\nabc missing\nabcd ambiguous\n`;
  const { replies } = parse([Buffer.from(text)], { count: 3, contents: false });
  t.deepEqual(replies, [
    { kind: 'object', oid: OID, type: 'tree', sizeBytes: 12, bytes: null },
    { kind: 'missing' },
    { kind: 'ambiguous' },
  ]);
});

test('content over the bound is skipped, and what follows it is read', (t) => {
  const text = `${OID} blob 5\nhello\n${OID} blob 3\nabc\n`;
  const { replies } = parse([Buffer.from(text)], { count: 2, bytesMax: 4 });
  const sizes = replies?.map((reply) => (reply.kind === 'object' ? (reply.bytes?.length ?? null) : 0));
  t.deepEqual(sizes, [null, 3]);
});

const broken: readonly { readonly title: string; readonly text: string }[] = [
  { title: 'a line that is no reply', text: 'fatal: oh no\n' },
  { title: 'a type that is none', text: `${OID} thing 3\n` },
  { title: 'more than was asked', text: `${OID} blob 0\n\nx missing\n` },
  { title: 'a line without end', text: 'x'.repeat(10_000) },
];
for (const { title, text } of broken) {
  test(`a broken stream is a problem: ${title}`, (t) => {
    t.not(parse([Buffer.from(text)], { count: 1 }).problem, null);
  });
}

test('property: however the stream is cut, the contents come out', (t) => {
  const contents = fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 5 });
  const property = fc.property(contents, fc.array(fc.nat(60), { maxLength: 20 }), (blobs, cuts) => {
    const stream = Buffer.concat(
      blobs.flatMap((blob) => [Buffer.from(`${OID} blob ${blob.length}\n`), blob, Buffer.from('\n')]),
    );
    const chunks: Buffer[] = [];
    let at = 0;
    for (const cut of cuts) {
      chunks.push(stream.subarray(at, at + cut));
      at += cut;
    }
    chunks.push(stream.subarray(at));
    const { replies, problem } = parse(chunks, { count: blobs.length });
    t.is(problem, null);
    t.deepEqual(
      replies?.map((reply) => (reply.kind === 'object' ? Buffer.from(reply.bytes ?? []) : null)),
      blobs.map((blob) => Buffer.from(blob)),
    );
  });
  t.notThrows(() => fc.assert(property));
});
