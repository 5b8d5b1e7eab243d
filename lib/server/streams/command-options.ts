import { ApiError } from '../../api/api-error.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { isTrue } from '../wire/request-info.ts';

/** What a request for exec or attach asks for. */
export type CommandOptions = {
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
};

/**
 * Reads the query. BadRequest: a container that has to be named and is not, or is none of the pod's; nothing to stream.
 * Source: registry/core/pod validateContainer, kubelet remotecommand.NewOptions.
 */
export function commandOptions(query: URLSearchParams, pod: Pod): CommandOptions {
  const container = query.get('container') || soleContainer(pod);
  if (!hasContainer(pod, container)) {
    throw new ApiError('BadRequest', `container ${container} is not valid for pod ${pod.metadata.name}`);
  }
  const tty = isTrue(query.get('tty'));
  const options = {
    container,
    command: query.getAll('command'),
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    // A terminal has one output.
    stderr: isTrue(query.get('stderr')) && !tty,
    tty,
  };
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw new ApiError('BadRequest', 'you must specify at least 1 of stdin, stdout, stderr');
  }
  return options;
}

/** The one container of a pod. BadRequest where it has several: kubectl chooses one by the pod's annotation, the server does not. */
export function soleContainer({ metadata, spec }: Pod): string {
  const names = (spec?.containers ?? []).map(({ name }) => name);
  const initial = (spec?.initContainers ?? []).map(({ name }) => name);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const init = initial.length > 0 ? ` or one of the init containers: [${initial.join(' ')}]` : '';
  throw new ApiError(
    'BadRequest',
    `a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${init}`,
  );
}

function hasContainer({ spec }: Pod, name: string): boolean {
  const all = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  return all.some((container) => container.name === name);
}

/** Whether the pod's status says that the container runs. */
export function containerRuns({ status }: Pod, name: string): boolean {
  const all = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  return all.some((container) => container.name === name && container.state?.running !== undefined);
}
