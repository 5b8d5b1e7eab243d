/** Source: apimachinery util/intstr. Digits are bounded so that the product stays exact. */
const PERCENT = /^([0-9]{1,9})%$/;

/**
 * A whole number, or a percentage of `total` rounded up or down (`25%` of 10 → 3 up, 2 down); null when it is neither.
 * Deployments round maxSurge up and maxUnavailable down; DaemonSets and PodDisruptionBudgets round up.
 */
export function resolveIntOrPercent(
  value: number | string,
  of: { readonly total: number; readonly round: 'up' | 'down' },
): number | null {
  if (typeof value === 'number') return Number.isInteger(value) ? value : null;
  const percent = PERCENT.exec(value)?.[1];
  if (percent === undefined) return null;
  const hundredths = Number(percent) * of.total;
  return of.round === 'up' ? Math.ceil(hundredths / 100) : Math.floor(hundredths / 100);
}
