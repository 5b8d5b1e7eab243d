const KUSTOMIZATION_NAMES: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

export function isKustomization(path: string): boolean {
  return KUSTOMIZATION_NAMES.has(baseName(path));
}

export function isChart(path: string): boolean {
  const name = baseName(path);
  return name === 'Chart.yaml' || name === 'Chart.yml';
}

/** '' for a file at the root. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The chart a file belongs to: the directory nearest above it (or its own) that is one; undefined when none is. */
export function chartOf(path: string, charts: ReadonlySet<string>): string | undefined {
  for (let directory = directoryOf(path); ; directory = directoryOf(directory)) {
    if (charts.has(directory)) return directory;
    if (directory === '') return undefined;
  }
}

/**
 * Whether what is wrong at `offset` is wrong because the text is a Go template, as Helm and its like turn into manifests: an action
 * stands alone on a line, or where the problem is. Braces somewhere in a broken file do not excuse it.
 */
export function looksLikeTemplate(text: string, offset: number): boolean {
  if (/^[ \t]*\{\{/m.test(text)) return true;
  const end = text.indexOf('\n', offset);
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end);
  return line.includes('{{');
}

/** Whether text that does not parse can have been meant as a manifest at all. */
export function looksLikeManifest(text: string): boolean {
  return /apiVersi|\bkind\b/i.test(text);
}

/** How a path names its format; undefined: no file of manifests. */
export function formatOfPath(path: string): 'yaml' | 'json' | undefined {
  if (/\.ya?ml$/i.test(path)) return 'yaml';
  return /\.json$/i.test(path) ? 'json' : undefined;
}
