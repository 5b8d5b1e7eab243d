import { createDeflate, createInflate, type Deflate, deflateSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../../base/limits.ts';
import { decodeHeaders, encodeHeaders } from './header-block.ts';
import { HEADER_DICTIONARY } from './header-dictionary.ts';
import { headerInflater } from './header-inflater.ts';
import { storedBlocks } from './stored-blocks.ts';

const headers = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z-]{1,12}$/), fc.stringMatching(/^[ -~]{0,20}$/)), { maxLength: 6 })
  .map((pairs) => new Map(pairs));

test('headers are read as they were written', (t) => {
  fc.assert(
    fc.property(headers, (map) => {
      t.deepEqual(decodeHeaders(encodeHeaders(map)), map);
    }),
  );
});

test('any bytes are headers or refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeHeaders(Buffer.from(bytes));
      } catch (failure) {
        t.like(failure, { code: 'SPDY_INVALID' });
      }
    }),
  );
});

const refused = [
  { title: 'a count with nothing behind it', hex: '7fffffff' },
  { title: 'a name longer than the rest', hex: '00000001000000ff61' },
  { title: 'an empty name', hex: '000000010000000000000000' },
  { title: 'something behind the last one', hex: '0000000000' },
];
for (const { title, hex } of refused) {
  test(`refused: ${title}`, (t) => {
    t.throws(() => decodeHeaders(Buffer.from(hex, 'hex')), { code: 'SPDY_INVALID' });
  });
}

test('names are lower case; of several values the first counts', (t) => {
  const headers = decodeHeaders(encodeHeaders(new Map([['StreamType', 'data\0error']])));
  t.deepEqual([...headers], [['streamtype', 'data']]);
});

test('the dictionary is that of the draft: its checksum is the one that clients send', (t) => {
  t.is(HEADER_DICTIONARY.length, 1423);
  t.is(deflateSync('', { dictionary: HEADER_DICTIONARY }).subarray(2, 6).toString('hex'), 'e3c6a7c2');
});

function packer(): (bytes: Buffer) => Promise<Buffer> {
  const deflate: Deflate = createDeflate({ dictionary: HEADER_DICTIONARY });
  return async (bytes) => {
    const chunks: Buffer[] = [];
    deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
    deflate.write(bytes);
    await new Promise<void>((resolve) => deflate.flush(resolve));
    deflate.removeAllListeners('data');
    return Buffer.concat(chunks);
  };
}

test('blocks of one connection are unpacked one after another', async (t) => {
  const inflater = headerInflater();
  const pack = packer();
  for (const port of ['80', '80', '8080', 'x'.repeat(20_000), '']) {
    const bytes = encodeHeaders(new Map([['port', port]]));
    t.deepEqual(await inflater.inflate(await pack(bytes)), bytes);
  }
  inflater.close();
});

test('what unpacks to too much is given up, and what is no zlib', async (t) => {
  const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024), { dictionary: HEADER_DICTIONARY });
  t.true(bomb.length < 100_000);
  const inflater = headerInflater();
  await t.throwsAsync(inflater.inflate(bomb.subarray(0, limits.spdyControlBytesMax)), {
    code: 'SPDY_INVALID',
  });
  await t.throwsAsync(inflater.inflate(Buffer.alloc(0)), { code: 'SPDY_INVALID' });
  for (const hex of ['ffffffff', '78bb00000000', '789c0300000000']) {
    await t.throwsAsync(headerInflater().inflate(Buffer.from(`${hex}00ffffffffff`, 'hex')), {
      code: 'SPDY_INVALID',
    });
  }
});

test('what is stored is what zlib reads', async (t) => {
  const store = storedBlocks();
  const blocks = [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(70_000, 7)];
  const inflate = createInflate({ dictionary: HEADER_DICTIONARY });
  const chunks: Buffer[] = [];
  inflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const block of blocks) await new Promise((resolve) => inflate.write(store(block), resolve));
  t.deepEqual(Buffer.concat(chunks), Buffer.concat(blocks));
});
