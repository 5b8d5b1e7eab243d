import { pause } from '../../../base/clock.ts';
import { limits, timings } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import type { ImageReference } from '../image-reference.ts';
import { checkDigest, sha256Of } from '../manifest/digest.ts';
import {
  type Descriptor,
  manifestMediaTypes,
  type ParsedManifest,
  parseManifest,
} from '../manifest/image-manifest.ts';
import { choosePlatform, formatPlatform, type Platform } from '../manifest/platform.ts';
import { type HttpEdge, readAnswer } from './http-exchange.ts';
import { loginsFor } from './registry-auth.ts';
import { endpointsOf } from './registry-options.ts';
import { type RegistrySession, registrySession } from './registry-session.ts';

export type ResolvedImage = {
  /** Where it was found: its blobs are there. */
  readonly session: RegistrySession;
  /** What the name means now: the digest of the index, or of the manifest where there is none. */
  readonly digest: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
};

/**
 * Finds what a name means for this machine: at a mirror, or else at the registry itself. ImageError as `exchange` and `registrySession`
 * have them; the last endpoint's is told.
 */
export async function resolveImage(
  edge: HttpEdge,
  {
    reference,
    platform,
    dockerConfigs,
  }: {
    readonly reference: ImageReference;
    readonly platform: Platform;
    readonly dockerConfigs: readonly string[];
  },
): Promise<ResolvedImage> {
  const { registry, repository } = reference;
  const endpoints = endpointsOf(registry, edge.registries);
  for (const [at, endpoint] of endpoints.entries()) {
    const logins = loginsFor(dockerConfigs, { registry: endpoint.registry, repository });
    const session = registrySession(edge, { endpoint, repository, logins });
    try {
      return await resolveAt(edge, session, reference, platform);
    } catch (thrown) {
      // What a mirror lacks, or is not there to say, the registry may have.
      if (at + 1 === endpoints.length || !(thrown instanceof ImageError)) throw thrown;
    }
  }
  throw new ImageError('IMAGE_NOT_FOUND', `there is no registry ${registry}`);
}

async function resolveAt(
  edge: HttpEdge,
  session: RegistrySession,
  reference: ImageReference,
  platform: Platform,
): Promise<ResolvedImage> {
  const top = await fetchManifest(edge, session, reference.digest ?? reference.tag ?? 'latest');
  let { manifest } = top;
  if (manifest.kind === 'index') {
    const chosen =
      manifest.manifests[
        choosePlatform(
          manifest.manifests.map((one) => one.platform),
          platform,
        )
      ];
    if (chosen === undefined)
      throw new ImageError(
        'IMAGE_REFUSED',
        `no match for platform in manifest: the image is not made for ${formatPlatform(platform)}`,
      );
    ({ manifest } = await fetchManifest(edge, session, chosen.digest));
  }
  // An index of indexes has no use that we know of, and no end.
  if (manifest.kind === 'index') throw new ImageError('IMAGE_INVALID', 'the index names another index');
  return { session, digest: top.digest, config: manifest.config, layers: manifest.layers };
}

async function fetchManifest(
  edge: HttpEdge,
  session: RegistrySession,
  name: string,
): Promise<{ readonly manifest: ParsedManifest; readonly digest: string }> {
  const { bytes, headers } = await retried(edge, async () => {
    const answer = await session.get(`manifests/${name}`, { accept: manifestMediaTypes.join(', ') });
    return { bytes: await readAnswer(edge, answer, limits.imageDocumentBytesMax), headers: answer.headers };
  });
  const claimed = name.includes(':') ? name : headers['docker-content-digest'];
  if (typeof claimed === 'string' && /^sha(256|512):/.test(claimed))
    checkDigest(bytes, claimed, 'the manifest');
  return { manifest: parseManifest(bytes), digest: name.includes(':') ? name : sha256Of(bytes) };
}

/** What a name server, a network or a busy registry failed to answer is asked again; what hangs is not. */
export async function retried<T>({ clock, silenceMs }: HttpEdge, ask: () => Promise<T>): Promise<T> {
  let delayMs: number = timings.registryRetryMinMs;
  for (let attempt = 1; ; attempt += 1) {
    const beganAtMs = clock.now();
    try {
      return await ask();
    } catch (thrown) {
      const mayPass = thrown instanceof ImageError && thrown.imageCode === 'IMAGE_UNREACHABLE';
      if (!mayPass || attempt === limits.registryAttemptsMax || clock.now() - beganAtMs >= silenceMs)
        throw thrown;
    }
    await pause(clock, delayMs);
    delayMs = Math.min(delayMs * 2, timings.registryRetryMaxMs);
  }
}
