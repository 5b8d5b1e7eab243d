import { imageKey } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { SCORE_MAX, type Score } from './score.ts';

const MEBIBYTE = 1024 * 1024;
/** Less than this is not worth a thought, and more, for each container, not worth more. Source: upstream ImageLocality. */
const BYTES_MIN = 23 * MEBIBYTE;
const BYTES_MAX_PER_CONTAINER = 1000 * MEBIBYTE;

/** Nodes that have the pod's images come first; one that many nodes have counts more, so that pods do not crowd on one node. */
export const imageLocalityScore: Score = {
  name: 'ImageLocality',
  weight: 1,
  of(pod, nodes, cluster) {
    const total = cluster.slots().length;
    const images = imagesOf(pod).map((image) => ({ key: imageKey(image), nodes: cluster.imageNodes(image) }));
    if (images.every((image) => image.nodes === 0)) return null;
    const most = BYTES_MAX_PER_CONTAINER * images.length;
    return nodes.map(({ node }) => {
      let sum = 0;
      for (const image of images)
        sum += Math.trunc((node.images.get(image.key) ?? 0) * (image.nodes / total));
      const counted = Math.min(most, Math.max(BYTES_MIN, sum));
      return Math.trunc((SCORE_MAX * (counted - BYTES_MIN)) / (most - BYTES_MIN));
    });
  },
};

function imagesOf({ pod: { spec } }: PodFacts): readonly string[] {
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  return all.flatMap(({ image }) => (image === undefined ? [] : [image]));
}
