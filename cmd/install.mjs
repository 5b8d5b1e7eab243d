// Puts into node_modules what the lockfile names, once. Plain JavaScript without a dependency: it runs before there is any.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const lockWaitMs = 200;
const stillInstallingMs = 5_000;

/** Installs under `root` when the lockfile changed since; returns the exit code: 0 when everything is there. */
export async function installOnce(root, say) {
  if (isInstalled(root)) return 0;
  const lock = join(root, '.install.lock');
  try {
    if (!(await takeLock(lock, { until: () => isInstalled(root), say }))) return 0;
  } catch (error) {
    say(`pintle: cannot install into ${root}: ${error.message}\n`);
    return 1;
  }
  try {
    return isInstalled(root) ? 0 : await install(root, say);
  } finally {
    rmSync(lock, { force: true });
  }
}

function isInstalled(root) {
  const stamp = stampFile(root);
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lockfileStamp(root);
  if (
    !isWhole(
      parsed(join(root, 'package-lock.json')),
      parsed(join(root, 'node_modules', '.package-lock.json')),
    )
  )
    return false;
  try {
    writeFileSync(stamp, lockfileStamp(root));
  } catch {
    // Read-only: it is looked at again next time.
  }
  return true;
}

/** Whether somebody's own `npm ci` left all that the lockfile names; optional packages are those of other platforms. */
export function isWhole(lockfile, installed) {
  if (installed?.packages === undefined || lockfile?.packages === undefined) return false;
  return Object.entries(lockfile.packages).every(([path, { version, optional }]) => {
    const there = installed.packages[path];
    if (path === '' || (there === undefined && optional)) return true;
    return there?.version === version;
  });
}

function parsed(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function stampFile(root) {
  return join(root, 'node_modules', '.pintle-installed');
}

function lockfileStamp(root) {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(`${process.platform}-${process.arch}`);
  return hash.digest('hex');
}

/** One install at a time: waits for whoever holds the lock, false when `until` holds first. A dead holder's lock is taken over. */
export async function takeLock(lock, { until, say }) {
  let waits = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (until()) return false;
    if (!isHeld(lock)) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (!waits) say('pintle: another one is installing; waiting for it …\n');
    waits = true;
    await new Promise((resolve) => setTimeout(resolve, lockWaitMs));
  }
}

function isHeld(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // Just made and not written yet: somebody holds it.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The npm that started us when there is one: it belongs to this Node. */
function npmCommand() {
  const execPath = process.env.npm_execpath;
  return execPath?.endsWith('.js') ? [process.execPath, [execPath]] : ['npm', []];
}

async function install(root, say) {
  say('pintle: installing what package-lock.json names (once, until it changes) …\n');
  const [npm, first] = npmCommand();
  // No install script runs: nothing is fetched from anywhere but the npm registry, and nothing needs one.
  const args = [
    ...first,
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  const startedMs = Date.now();
  const timer = setInterval(
    () => say(`pintle: still installing, ${Math.round((Date.now() - startedMs) / 1000)} s …\n`),
    stillInstallingMs,
  );
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  const child = spawn(npm, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (bytes) => say(String(bytes)));
  const failure = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  clearInterval(timer);
  if (failure !== null) {
    say(`pintle: npm ci failed (${failure}); is the npm registry reachable?\n`);
    return 1;
  }
  // CRASH: dying before this line means one more look at what is there next time, nothing worse.
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stampFile(root), lockfileStamp(root));
  return 0;
}
