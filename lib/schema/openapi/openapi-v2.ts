import { kubernetesVersion } from '../kubernetes-version.ts';

/** What `/openapi/v2` is asked for, and the media type to answer with (a client's parser refuses the `@` it asks with itself). */
export const openapiV2MediaType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * A version 2 document without paths, in protobuf. kubectl 1.27 and 1.28 read one before they explain anything, and then take all
 * they need from version 3; 404 ends them. What finds no type in it uses its own, as it does without the document.
 */
export function openapiV2Document(): Uint8Array {
  // openapi.v2.Document: 1 swagger, 2 info (1 title, 2 version), 8 paths.
  const info = [...text(1, 'Kubernetes'), ...text(2, kubernetesVersion)];
  return Uint8Array.from([...text(1, '2.0'), ...bytes(2, info), ...bytes(8, [])]);
}

function text(number: number, value: string): readonly number[] {
  return bytes(number, [...Buffer.from(value)]);
}

/** A field of up to 127 bytes: its length is one byte. */
function bytes(number: number, content: readonly number[]): readonly number[] {
  return [number * 8 + 2, content.length, ...content];
}
