import { isObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

export type TerminalSize = { readonly columns: number; readonly rows: number };

const SIDE_MAX = 0xffff;

/**
 * Reads sizes from a stream of JSON objects (`{"Width":80,"Height":24}`), however it is cut. What is none is passed over.
 * Some clients write the names in lower case, as Go's decoder allows.
 */
export function terminalSizes(): (chunk: Buffer) => readonly TerminalSize[] {
  let held = '';
  return (chunk) => {
    const parts = (held + chunk.toString('latin1')).split('}');
    held = (parts.pop() ?? '').slice(-limits.terminalSizeCharsMax);
    return parts.flatMap((part) => sizeOf(`${part.slice(-limits.terminalSizeCharsMax)}}`) ?? []);
  };
}

function sizeOf(text: string): TerminalSize | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const columns = side(value.Width ?? value.width);
  const rows = side(value.Height ?? value.height);
  return columns === null || rows === null ? null : { columns, rows };
}

function side(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= SIDE_MAX
    ? value
    : null;
}
