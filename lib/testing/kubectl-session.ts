import { execFileSync, spawn } from 'node:child_process';
import { until } from './until.ts';

/** A kubectl that is talked to while it runs. */
export type KubectlSession = {
  /** What it has written to both outputs so far. */
  text(): string;
  write(text: string | Buffer): void;
  /** The end of its input. */
  end(): void;
  /** Gives its terminal another size, as a user who pulls at the window does. */
  resize(size: { readonly columns: number; readonly rows: number }): void;
  kill(signal?: NodeJS.Signals): void;
  /** Waits for its exit code; -1 where a signal ended it. */
  exited(): Promise<number>;
};

/** Runs kubectl; with `terminal` it sits at one of that size, made by script(1). It ends with the test. */
export function kubectlSession(
  t: { teardown(run: () => void): void },
  of: {
    readonly binary: string;
    readonly home: string;
    readonly kubeconfig: string;
    readonly namespace: string;
    readonly args: readonly string[];
    readonly terminal?: { readonly columns: number; readonly rows: number };
  },
): KubectlSession {
  const { binary, home, kubeconfig, namespace, terminal } = of;
  const command = [binary, '--kubeconfig', kubeconfig, '--namespace', namespace, ...of.args];
  const shell =
    terminal &&
    `tty; stty rows ${terminal.rows} cols ${terminal.columns}; exec ${command.map(quoted).join(' ')}`;
  const [program = '', ...args] = shell === undefined ? command : ['script', '-qefc', shell, '/dev/null'];
  const child = spawn(program, args, { env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm' } });
  let text = '';
  const hear = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  t.teardown(() => void child.kill('SIGKILL'));
  let code: number | null = null;
  void exited.then((ended) => {
    code = ended;
  });
  return {
    exited: async () => {
      await until(() => code !== null, { what: `kubectl ${of.args.join(' ')} to end; it said ${text}` });
      return code ?? -1;
    },
    text: () => text,
    write: (content) => void child.stdin.write(content),
    end: () => void child.stdin.end(),
    resize: ({ columns, rows }) => {
      const path = /\/dev\/pts\/\d+/.exec(text)?.[0];
      if (path === undefined) throw new Error('it has no terminal');
      execFileSync('stty', ['-F', path, 'rows', String(rows), 'cols', String(columns)]);
    },
    kill: (signal = 'SIGTERM') => void child.kill(signal),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
