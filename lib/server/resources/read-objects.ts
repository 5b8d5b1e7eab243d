import { notFound } from '../../api/api-failures.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { answerList, answerObject, formOf } from './answer.ts';
import { listOptions } from './read-list.ts';
import { namespaceOf, refOfTarget, type Target } from './target.ts';

export async function getObject(exchange: Exchange, target: Target): Promise<void> {
  formOf(exchange);
  const object = await exchange.deps.client.get(refOfTarget(target), callerOf(exchange));
  if (object === null) throw notFound(target.kind, target.info.name);
  await answerObject(exchange, target, { object });
}

export async function listObjects(exchange: Exchange, target: Target): Promise<void> {
  formOf(exchange);
  const options = listOptions(exchange.query, namespaceOf(target));
  await answerList(
    exchange,
    target,
    await exchange.deps.client.list(target.kind, options, callerOf(exchange)),
  );
}
