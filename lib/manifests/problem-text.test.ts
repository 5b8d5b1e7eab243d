import test from 'ava';
import type { Problem } from './manifest-set.ts';
import { problemLine, problemText } from './problem-text.ts';

const problem: Problem = {
  ruleId: 'unknown-field',
  severity: 'error',
  path: ['spec', 'replcas'],
  message: 'spec.replcas is no field.',
  suggestion: 'replicas',
  file: 'web.yaml',
  position: { line: 12, column: 3 },
  end: { line: 12, column: 10 },
  sourceLine: '  replcas: 3',
  ref: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
};
const plain = { colour: false };

test('A problem is told with its place, its line, what is meant, and what to write.', (t) => {
  t.is(
    problemText(problem, plain),
    [
      'error[unknown-field]: spec.replcas is no field.',
      '  --> web.yaml:12:3 (Deployment shop/web)',
      '    |',
      ' 12 |   replcas: 3',
      '    |   ^^^^^^^ write replicas',
      '',
    ].join('\n'),
  );
});

test('Without a line the hint stands alone.', (t) => {
  t.is(
    problemText({ ...problem, sourceLine: undefined, ref: undefined }, plain),
    'error[unknown-field]: spec.replcas is no field.\n  --> web.yaml:12:3\n   = write replicas\n',
  );
});

test('The caret stands under what it means behind tabs and wide characters.', (t) => {
  const wide = {
    ...problem,
    sourceLine: '\t中文: bad',
    position: { line: 1, column: 6 },
    end: undefined,
    suggestion: undefined,
  };
  const [, , , line = '', caret = ''] = problemText(wide, plain).split('\n');
  t.is(line, ' 1 |  中文: bad');
  t.is(caret, `   | ${' '.repeat(7)}^`);
});

test('A place beyond the quoted part of a long line gets no caret.', (t) => {
  const far = { ...problem, position: { line: 1, column: 500 }, end: { line: 1, column: 510 } };
  t.false(problemText(far, plain).includes('^'));
});

test('Text of others cannot act on the terminal, nor begin a line.', (t) => {
  const hostile = {
    ...problem,
    message: 'a\u001B[2Jb\nc\u202Ed',
    sourceLine: '\u001B]0;x\u0007',
    file: 'a\u001Bb',
  };
  for (const text of [problemText(hostile, plain), problemLine(hostile)]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the point.
    t.notRegex(text, /[\u0000-\u0009\u000B-\u001F\u202E]/);
  }
  t.is(problemLine(hostile).split('\n').length, 1);
});

test('Colour is only added, never needed.', (t) => {
  const coloured = problemText(problem, { colour: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: taking colour out again.
  t.is(coloured.replaceAll(/\u001B\[[0-9]+m/g, ''), problemText(problem, plain));
  t.not(coloured, problemText(problem, plain));
});
