/** The version of Kubernetes whose API this is; clients look at its minor. The facts are of a newer one, whose additions old clients never send. */
export const kubernetesVersion = 'v1.32.0';

/** What server and node say that they are. */
export const gitVersion = `${kubernetesVersion}+pintle`;
