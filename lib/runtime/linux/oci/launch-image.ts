/** What a launch reads of an image's configuration. */
export type LaunchImage = {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  /** `user[:group]`, names or numbers; '': root. */
  readonly user: string;
  readonly workingDir: string;
};

/**
 * The program and its arguments. The container's command stands for both of the image's, its args for the image's cmd alone.
 * Source: Kubernetes, define a command and arguments for a container.
 */
export function launchArgv(
  { entrypoint, cmd }: Pick<LaunchImage, 'entrypoint' | 'cmd'>,
  { command, args }: { readonly command: readonly string[]; readonly args: readonly string[] },
): readonly string[] {
  if (command.length > 0) return [...command, ...args];
  return args.length > 0 ? [...entrypoint, ...args] : [...entrypoint, ...cmd];
}

/** Where programs are looked for when neither image nor container says. Source: container engines' default. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment: what every container has, then the image's, then its own; the later wins in the earlier's place. */
export function launchEnv(
  image: Pick<LaunchImage, 'env'>,
  own: readonly { readonly name: string; readonly value: string }[],
  given: { readonly hostname: string; readonly home: string; readonly tty: boolean },
): readonly (readonly [name: string, value: string])[] {
  return [
    ...new Map<string, string>([
      ['PATH', PATH],
      ['HOSTNAME', given.hostname],
      ['HOME', given.home],
      ...(given.tty ? ([['TERM', 'xterm']] as const) : []),
      ...image.env,
      ...own.map(({ name, value }) => [name, value] as const),
    ]),
  ];
}
