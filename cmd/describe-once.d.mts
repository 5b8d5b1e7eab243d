export function describeOnce(root: string, node: string): void;
