import test from 'ava';
import { fullImageName, parseImageReference } from './image-reference.ts';

const HEX = '0123456789abcdef'.repeat(4);
const full: Readonly<Record<string, { readonly image: string; readonly name: string }>> = {
  'a name alone is of docker.io, library, latest': { image: 'nginx', name: 'docker.io/library/nginx:latest' },
  'a tag is kept': { image: 'nginx:1.27', name: 'docker.io/library/nginx:1.27' },
  'two components are a user of docker.io': { image: 'team/app', name: 'docker.io/team/app:latest' },
  'the old name of docker.io is the new one': {
    image: 'index.docker.io/nginx',
    name: 'docker.io/library/nginx:latest',
  },
  'docker.io by name': { image: 'docker.io/nginx', name: 'docker.io/library/nginx:latest' },
  'a dot makes a host': { image: 'quay.io/app', name: 'quay.io/app:latest' },
  'a port makes a host': { image: 'box:5000/app:v1', name: 'box:5000/app:v1' },
  'localhost is a host': { image: 'localhost/app', name: 'localhost/app:latest' },
  'an IPv6 address is a host': { image: '[::1]:5000/app', name: '[::1]:5000/app:latest' },
  'capitals make a host': { image: 'Box/app', name: 'Box/app:latest' },
  'a digest needs no tag': { image: `nginx@sha256:${HEX}`, name: `docker.io/library/nginx@sha256:${HEX}` },
  'a tag beside a digest is kept': {
    image: `nginx:1@sha256:${HEX}`,
    name: `docker.io/library/nginx:1@sha256:${HEX}`,
  },
  'separators within a component': { image: 'a/b__c-d--e.f', name: 'docker.io/a/b__c-d--e.f:latest' },
};
for (const [title, { image, name }] of Object.entries(full)) {
  test(`a name in full: ${title}`, (t) => {
    t.is(fullImageName(image), name);
    t.is(fullImageName(name), name);
  });
}

const invalid: Readonly<Record<string, string>> = {
  empty: '',
  'capitals in the repository': 'docker.io/library/NGINX',
  'an empty component': 'a//b',
  'a slash at its end': 'nginx/',
  'an empty tag': 'nginx:',
  'a tag that begins with a dash': 'nginx:-1',
  'a tag that is too long': `nginx:${'a'.repeat(129)}`,
  'a digest that is too short': 'nginx@sha256:abc',
  'an unknown digest': `nginx@md5:${HEX}`,
  'an id': HEX,
  'a scheme': 'https://quay.io/app',
  'a port that is none': 'box:70000/app',
  'port zero': 'box:0/app',
  'a path that leads up': 'quay.io/../app',
  'a space': 'ngi nx',
  'a name and a password': 'user:pw@quay.io/app',
  'a line feed': 'nginx\n',
  'much too long': `${'a/'.repeat(3000)}a`,
};
for (const [title, image] of Object.entries(invalid)) {
  test(`no name of an image: ${title}`, (t) => t.false(parseImageReference(image).ok));
}
