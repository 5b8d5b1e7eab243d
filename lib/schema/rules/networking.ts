import type { JsonObject } from '../../base/json.ts';
import type { Said } from '../finding-list.ts';
import { isCidr } from '../ip-range.ts';
import { checkDns1123Subdomain, checkWildcardSubdomain } from '../names.ts';
import { type Rule, typeNamed } from '../rule.ts';
import { invalidText, invalidValue, notSupported, requiredValue } from '../wording.ts';
import { CIDR_WORDS } from './address-words.ts';
import { checkText } from './name-text.ts';
import { checkPort, checkPortText } from './ports.ts';

/** Source: networking validation.go. */
type Backend = {
  readonly service?: {
    readonly name?: string;
    readonly port?: { readonly name?: string; readonly number?: number };
  };
  readonly resource?: JsonObject;
};

const backend: Rule = {
  on: typeNamed('networking/v1.IngressBackend'),
  check({ service, resource }: Backend, at) {
    if ((service === undefined) === (resource === undefined)) {
      at.error('one-of', [], 'needs exactly one of service and resource', {
        wording: invalidValue(
          '',
          service === undefined
            ? 'resource or service backend is required'
            : 'cannot set both resource and service backends',
        ),
      });
      return;
    }
    if (service === undefined) return;
    const { name = '', number = 0 } = service.port ?? {};
    if ((name === '') === (number === 0))
      at.error('one-of', ['service', 'port'], 'needs exactly one of name and number', {
        wording:
          name === ''
            ? requiredValue('port name or number is required')
            : invalidValue('', 'cannot set both port name & port number'),
        apiPath: [],
      });
    if (number !== 0) checkPort(at, number, ['service', 'port', 'number']);
    checkPortText(at, name, ['service', 'port', 'name']);
  },
};

const rule: Rule = {
  on: typeNamed('networking/v1.IngressRule'),
  check({ host = '' }: { readonly host?: string }, at) {
    checkText(at, host, {
      path: ['host'],
      check: host.includes('*') ? checkWildcardSubdomain : checkDns1123Subdomain,
    });
  },
};

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function absolute(text: string): Said {
  return { wording: invalidValue(text, 'must be an absolute path') };
}

/** Which part of a path is not plain. */
function notPlain(text: string): string {
  const within = ['//', '/./', '/../', '%2f', '%2F'].find((part) => text.includes(part));
  if (within !== undefined) return `must not contain '${within}'`;
  return `cannot end with '${text.endsWith('/..') ? '/..' : '/.'}'`;
}

const path: Rule = {
  on: typeNamed('networking/v1.HTTPIngressPath'),
  check({ path: text = '', pathType }: { readonly path?: string; readonly pathType?: string }, at) {
    if (pathType === 'Exact' || pathType === 'Prefix') {
      if (!text.startsWith('/')) at.error('invalid-path', ['path'], 'must begin with /', absolute(text));
      else if (/\/\/|\/\.\.?(\/|$)|%2f/i.test(text))
        at.error('invalid-path', ['path'], 'must be plain, without `//`, `.` or `..`', {
          wording: invalidValue(text, notPlain(text)),
        });
    } else if (text !== '' && !text.startsWith('/'))
      at.error('invalid-path', ['path'], 'must begin with /', absolute(text));
    if (pathType !== undefined && !PATH_TYPES.includes(pathType))
      at.error('unknown-value', ['pathType'], 'must be Exact, Prefix or ImplementationSpecific', {
        wording: notSupported(pathType, PATH_TYPES),
      });
  },
};

const ingress: Rule = {
  on: typeNamed('networking/v1.IngressSpec'),
  check(
    {
      rules = [],
      defaultBackend,
    }: { readonly rules?: readonly unknown[]; readonly defaultBackend?: unknown },
    at,
  ) {
    if (rules.length === 0 && defaultBackend === undefined)
      at.error('one-of', [], 'needs rules or a defaultBackend', {
        wording: invalidText(
          '[]networking.IngressRule(nil)',
          'either `defaultBackend` or `rules` must be specified',
        ),
      });
  },
};

const ipBlock: Rule = {
  on: typeNamed('networking/v1.IPBlock'),
  check({ cidr, except = [] }: { readonly cidr?: string; readonly except?: readonly string[] }, at) {
    if (cidr !== undefined && !isCidr(cidr))
      at.error('invalid-address', ['cidr'], 'must be a range such as 10.0.0.0/8', {
        wording: invalidValue(cidr, CIDR_WORDS),
      });
    for (const [index, range] of except.entries())
      if (!isCidr(range))
        at.error('invalid-address', ['except', index], 'must be a range such as 10.0.0.0/8', {
          wording: invalidValue(range, CIDR_WORDS),
        });
  },
};

export const networking: readonly Rule[] = [backend, rule, path, ingress, ipBlock];
