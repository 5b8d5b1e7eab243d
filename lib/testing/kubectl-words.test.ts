import test from 'ava';
import { kubectlWords } from './kubectl-words.ts';

const variables = new Map([['POD', 'web-1']]);
for (const { title, line, words } of [
  { title: 'spaces part words', line: 'get pods  -o wide', words: ['get', 'pods', '-o', 'wide'] },
  {
    title: 'quotes hold them together',
    line: `annotate pod a note='x y' "a b"`,
    words: ['annotate', 'pod', 'a', 'note=x y', 'a b'],
  },
  { title: 'quotes within quotes stay', line: `-p '{"a":1}'`, words: ['-p', '{"a":1}'] },
  { title: 'what is known is put in', line: 'logs $POD $OTHER', words: ['logs', 'web-1', '$OTHER'] },
]) {
  test(title, (t) => t.deepEqual(kubectlWords(line, variables), words));
}
