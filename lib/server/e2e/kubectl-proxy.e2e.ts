import { type Session, testWithKubectl } from '../../testing/kubectl-steps.ts';

testWithKubectl(
  { title: 'the proxy passes requests through', versions: 'oldest and newest' },
  async ({ run, namespace }: Session) => {
    const port = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<void>();
    const proxy = run(['proxy', '--port=0'], {
      endAt: (stdout) => {
        const said = /^Starting to serve on 127\.0\.0\.1:(\d+)$/m.exec(stdout);
        if (said?.[1] !== undefined) port.resolve(said[1]);
        return false;
      },
      endWhen: asked.promise,
    });
    const wrong: string[] = [];
    const ask = async (path: string, init: RequestInit, wanted: RegExp): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${await port.promise}${path}`, init);
      const text = `${answer.status} ${await answer.text()}`;
      if (!wanted.test(text)) wrong.push(`${path}: ${text}`);
    };
    const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
    const made = { method: 'POST', body: '{"metadata":{"name":"made"},"data":{"a":"b"}}' };
    try {
      await ask('/version', {}, /^200 {[\s\S]*"minor":\s*"32"/);
      await ask(
        configMaps,
        { ...made, headers: { 'content-type': 'application/json' } },
        /^201 [\s\S]*"made"/,
      );
      await ask(`${configMaps}/made`, {}, /^200 [\s\S]*"a":"b"/);
      await ask(`${configMaps}/none`, {}, /^404 [\s\S]*"reason":"NotFound"/);
      await ask(`${configMaps}/made`, { method: 'DELETE' }, /^200 [\s\S]*"Success"/);
    } finally {
      asked.resolve();
      await proxy;
    }
    return wrong;
  },
);
