import test from 'ava';
import { isLfsPointer } from './lfs-pointer.ts';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12345\n`;
const cases: readonly { readonly title: string; readonly text: string; readonly is: boolean }[] = [
  { title: 'a pointer', text: pointer, is: true },
  {
    title: 'a pointer with an extension',
    text: pointer.replace('oid', `ext-0-x sha256:${'0'.repeat(64)}\noid`),
    is: true,
  },
  { title: 'a pointer without its size', text: pointer.replace(/size.*/, ''), is: false },
  { title: 'a text about pointers', text: `# ${pointer}`, is: false },
  { title: 'a long file that begins like one', text: pointer + 'x'.repeat(2000), is: false },
  { title: 'nothing', text: '', is: false },
];
for (const { title, text, is } of cases) {
  test(`${title} is ${is ? 'a' : 'no'} pointer`, (t) => {
    t.is(isLfsPointer(Buffer.from(text)), is);
  });
}
