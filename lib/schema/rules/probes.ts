import type { JsonObject } from '../../base/json.ts';
import type { FieldPath } from '../finding.ts';
import type { Said } from '../finding-list.ts';
import { checkHttpHeaderName } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { Container, HTTPGetAction, LifecycleHandler, Probe } from '../types.gen.ts';
import { forbiddenField, invalidValue, requiredValue } from '../wording.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';
import { checkPort, checkPortOrName } from './ports.ts';

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Source: core/v1 validation.go validateProbe, validateLivenessProbe, validateStartupProbe, validateReadinessProbe. */
const probes = {
  check(container: Sound<Container>, at: At) {
    for (const name of PROBES) {
      const probe = container[name];
      if (probe !== undefined) checkProbe(at, name, probe);
    }
    checkHook(at, container.lifecycle?.postStart, ['lifecycle', 'postStart']);
    checkHook(at, container.lifecycle?.preStop, ['lifecycle', 'preStop']);
  },
};

function checkProbe(at: At, name: (typeof PROBES)[number], probe: Sound<Probe>): void {
  const { exec, httpGet, tcpSocket, grpc, successThreshold = 1, terminationGracePeriodSeconds } = probe;
  const handlers = [exec, httpGet, tcpSocket, grpc].filter((handler) => handler !== undefined);
  if (handlers.length !== 1)
    at.error(
      'one-of',
      [name],
      'needs exactly one of exec, httpGet, tcpSocket and grpc',
      handlerWords(probe, [name]),
    );
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const)
    checkRange(at, probe[field], { path: [name, field], min: 0 });
  if (name !== 'readinessProbe' && successThreshold > 1)
    at.error('invalid-probe', [name, 'successThreshold'], 'must be 1 for this probe', {
      suggestion: '1',
      wording: invalidValue(successThreshold, 'must be 1'),
    });
  if (name === 'readinessProbe' && terminationGracePeriodSeconds !== undefined)
    at.error('invalid-probe', [name, 'terminationGracePeriodSeconds'], 'is not for readiness probes', {
      wording: invalidValue(terminationGracePeriodSeconds, 'must not be set for readinessProbes'),
    });
  else
    checkRange(at, terminationGracePeriodSeconds, {
      path: [name, 'terminationGracePeriodSeconds'],
      min: 1,
      why: 'must be greater than 0',
    });
  checkHandler(at, probe, [name]);
  if (grpc !== undefined) checkPort(at, grpc.port, [name, 'grpc', 'port']);
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

/** None is missed at the probe or hook; one too many is told of where it stands. */
function handlerWords(of: JsonObject, path: FieldPath): Said {
  const [, second] = HANDLERS.filter((handler) => of[handler] !== undefined);
  if (second === undefined) return { wording: requiredValue('must specify a handler type') };
  return {
    wording: forbiddenField('may not specify more than 1 handler type'),
    apiPath: [...path, second],
  };
}

function checkHook(at: At, hook: Sound<LifecycleHandler> | undefined, path: FieldPath): void {
  if (hook === undefined) return;
  const given = [hook.exec, hook.httpGet, hook.tcpSocket, hook.sleep].filter(
    (handler) => handler !== undefined,
  );
  if (given.length !== 1)
    at.error(
      'one-of',
      path,
      'needs exactly one of exec, httpGet, tcpSocket and sleep',
      handlerWords(hook, path),
    );
  checkRange(at, hook.sleep?.seconds, { path: [...path, 'sleep', 'seconds'], min: 0 });
  checkHandler(at, hook, path);
}

function checkHandler(
  at: At,
  handler: Sound<Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket'>>,
  path: FieldPath,
): void {
  if (handler.exec !== undefined && (handler.exec.command ?? []).length === 0)
    at.error('missing-field', [...path, 'exec', 'command'], 'is required', {
      wording: requiredValue(),
    });
  if (handler.tcpSocket !== undefined)
    checkPortOrName(at, handler.tcpSocket.port, [...path, 'tcpSocket', 'port']);
  if (handler.httpGet !== undefined) checkHttpGet(at, handler.httpGet, [...path, 'httpGet']);
}

function checkHttpGet(at: At, { port, httpHeaders = [] }: Sound<HTTPGetAction>, path: FieldPath): void {
  checkPortOrName(at, port, [...path, 'port']);
  for (const [index, { name }] of httpHeaders.entries())
    checkText(at, name, {
      path: [...path, 'httpHeaders', index, 'name'],
      check: checkHttpHeaderName,
    });
}

export const probeRules: readonly Rule[] = [{ on: typeNamed('core/v1.Container'), ...probes }];
