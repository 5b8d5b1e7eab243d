/** What pods tell of themselves. Its resources are whatever metrics there are, so that no type stands for them. */
export const CUSTOM_METRICS_GROUP = 'custom.metrics.k8s.io';
/** The preferred one first. */
export const customMetricsVersions = ['v1beta2', 'v1beta1'] as const;
