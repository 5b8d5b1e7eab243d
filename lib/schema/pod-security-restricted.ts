import type { Container, EphemeralContainer, PodSpec } from './types.gen.ts';

const VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);
const PROFILES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

type Judged = Pick<Container | EphemeralContainer, 'name' | 'securityContext'>;

/**
 * What of a pod the level `restricted` forbids beyond `baseline`, each as Kubernetes says it. Source: Pod Security Standards, level
 * restricted, as pod-security-admission v1.36 checks it.
 */
export function checkRestricted(spec: PodSpec): readonly string[] {
  const containers: readonly Judged[] = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  return [
    ...escalation(containers),
    ...capabilities(containers),
    ...volumes(spec),
    ...nonRoot(spec, containers),
    ...rootUser(spec, containers),
    ...seccomp(spec, containers),
  ];
}

function escalation(containers: readonly Judged[]): readonly string[] {
  const bad = containers.filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  return said('allowPrivilegeEscalation != false', [
    must(bad, 'must set securityContext.allowPrivilegeEscalation=false'),
  ]);
}

function capabilities(containers: readonly Judged[]): readonly string[] {
  const undropped = containers.filter(
    ({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true,
  );
  const added = (container: Judged): readonly string[] =>
    (container.securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const adding = containers.filter((container) => added(container).length > 0);
  const names = [...new Set(adding.flatMap(added))].sort().map((name) => JSON.stringify(name));
  return said('unrestricted capabilities', [
    must(undropped, 'must set securityContext.capabilities.drop=["ALL"]'),
    must(adding, `must not include ${names.join(', ')} in securityContext.capabilities.add`),
  ]);
}

function volumes({ volumes = [] }: PodSpec): readonly string[] {
  const texts = volumes.flatMap((volume) => {
    const type = Object.keys(volume).find((key) => key !== 'name');
    return type === undefined || VOLUMES.has(type)
      ? []
      : [`volume "${volume.name}" uses restricted volume type "${type}"`];
  });
  return said('restricted volume types', texts);
}

function nonRoot({ securityContext }: PodSpec, containers: readonly Judged[]): readonly string[] {
  const ofPod = securityContext?.runAsNonRoot;
  const explicit = containers.filter((each) => each.securityContext?.runAsNonRoot === false);
  const unset = containers.filter((each) => each.securityContext?.runAsNonRoot === undefined);
  return said('runAsNonRoot != true', [
    ofPod === false ? 'pod must not set securityContext.runAsNonRoot=false' : null,
    must(explicit, 'must not set securityContext.runAsNonRoot=false'),
    ofPod === true ? null : must(unset, 'must set securityContext.runAsNonRoot=true', 'pod or '),
  ]);
}

function rootUser({ securityContext }: PodSpec, containers: readonly Judged[]): readonly string[] {
  return said('runAsUser=0', [
    securityContext?.runAsUser === 0 ? 'pod must not set runAsUser=0' : null,
    must(
      containers.filter((each) => each.securityContext?.runAsUser === 0),
      'must not set runAsUser=0',
    ),
  ]);
}

function seccomp({ securityContext }: PodSpec, containers: readonly Judged[]): readonly string[] {
  const isGood = PROFILES.has(securityContext?.seccompProfile?.type ?? '');
  const bad = containers.filter(({ securityContext: own }) => {
    const type = own?.seccompProfile?.type;
    return type === undefined ? !isGood : !PROFILES.has(type);
  });
  return said('seccompProfile', [
    must(bad, 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"', 'pod or '),
  ]);
}

/** `containers "a", "b" must …`; null for none. */
function must(containers: readonly Judged[], what: string, lead = ''): string | null {
  if (containers.length === 0) return null;
  const names = containers.map(({ name }) => JSON.stringify(name)).join(', ');
  return `${lead}${containers.length === 1 ? 'container' : 'containers'} ${names} ${what}`;
}

function said(rule: string, details: readonly (string | null)[]): readonly string[] {
  const texts = details.filter((text) => text !== null);
  return texts.length === 0 ? [] : [`${rule} (${texts.join('; ')})`];
}
