import type { Answer } from 'dns-packet';
import { answerQuery, type NameIndex } from './answer-query.ts';
import type { AskUpstream } from './ask-upstream.ts';
import {
  packetIn,
  type Query,
  rcodeOf,
  rcodes,
  readQuery,
  writeAnswer,
  writeFailure,
  writeQuestion,
} from './message.ts';
import { isName } from './name-table.ts';

/** What one question is answered with, whichever way it came; null: with nothing. */
export async function answerMessage(
  bytes: Buffer,
  given: {
    readonly index: NameIndex;
    readonly turn: number;
    readonly transport: 'udp' | 'tcp';
    readonly ask: AskUpstream;
  },
): Promise<Buffer | null> {
  const { index, turn, transport, ask } = given;
  const query = readQuery(bytes);
  if (query === null) return null;
  if ('rcode' in query) return writeFailure(query.id, query.rcode);
  const answer = answerQuery(index, { name: query.name, type: query.type, turn });
  const bytesMax = transport === 'udp' ? query.udpBytesMax : 65_535;
  if (answer.kind === 'forward')
    return (await ask(query.bytes, transport)) ?? writeFailure(query.id, rcodes.serverFailure);
  // What has no place in a name of ours cannot be written back as it came.
  if (!isName(query.name)) return writeFailure(query.id, rcodes.format);
  const rcode = answer.found ? rcodes.noError : rcodes.nameError;
  if (answer.follow === null) return writeAnswer(query, { ...answer, rcode, authoritative: true }, bytesMax);
  const rest = await followed(query, answer.follow, given);
  const answers = [...answer.answers, ...rest.answers];
  return writeAnswer(query, { ...answer, answers, rcode: rest.rcode, authoritative: false }, bytesMax);
}

/** What others say to the end of a chain: a client asks one name server only. */
async function followed(
  query: Query,
  name: string,
  { ask }: { readonly ask: AskUpstream },
): Promise<{ readonly rcode: number; readonly answers: readonly Answer[] }> {
  // Over TCP: whole, whatever its size.
  const said = await ask(writeQuestion(name, query.type), 'tcp');
  const packet = said === null ? null : packetIn(said);
  if (said === null || packet === null) return { rcode: rcodes.serverFailure, answers: [] };
  return { rcode: rcodeOf(said), answers: packet.answers ?? [] };
}
