import type { OperationModel, ServiceModel, Shape } from './model';
import { header, type WireRequest } from './wire';

interface Route {
  readonly operation: OperationModel;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** Parts of the query string that name the operation, like `?uploads` or `?list-type=2`. */
  readonly constants: ReadonlyArray<readonly [string, string]>;
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  readonly allowedQuery: ReadonlySet<string> | 'any';
  readonly literals: number;
}

/** Query keys that clients add and that name no operation. */
const CLIENT_KEYS = /^(x-id|x-amz-.*)$/i;

const tables = new WeakMap<ServiceModel, Route[]>();

/** The operation of a REST API that a request means: the one with the most of its own marks present. */
export function findRoute(api: ServiceModel, request: WireRequest): OperationModel | undefined {
  let best: Route | undefined;
  for (const route of routesOf(api)) {
    if (!matches(route, request)) continue;
    if (best === undefined || specificity(route) > specificity(best)) best = route;
  }
  return best?.operation;
}

/** The labels in a path, decoded; undefined if it is not this operation's path. */
export function matchPath(operation: OperationModel, path: string): Record<string, string> | undefined {
  const route = routesOf(operation.service).find((candidate) => candidate.operation.name === operation.name);
  const match = route?.pattern.exec(path);
  if (!route || !match) return undefined;
  return Object.fromEntries(route.labels.map((label, index) => [label, decodeURIComponent(match[index + 1]!)]));
}

function matches(route: Route, request: WireRequest): boolean {
  const { query } = request;
  return route.operation.http.method === request.method
    && route.pattern.test(request.path)
    && route.constants.every(([key, value]) => query.has(key) && (value === '' || query.get(key) === value))
    && route.requiredQuery.every((key) => query.has(key))
    && route.requiredHeaders.every((key) => header(request, key) !== undefined)
    && (route.allowedQuery === 'any' || [...query.keys()].every((key) => (route.allowedQuery as Set<string>).has(key) || CLIENT_KEYS.test(key)));
}

function specificity(route: Route): number {
  return route.literals * 100 + route.constants.length * 10 + route.requiredQuery.length + route.requiredHeaders.length;
}

function routesOf(api: ServiceModel): Route[] {
  let table = tables.get(api);
  if (table === undefined) tables.set(api, (table = [...api.operations.values()].map(toRoute)));
  return table;
}

function toRoute(operation: OperationModel): Route {
  const [path, search = ''] = operation.http.requestUri.split('?') as [string, string?];
  const labels: string[] = [];
  const segments = path.split('/').filter((segment) => segment !== '');
  let greedy = false;
  const pattern = segments.map((segment) => {
    const label = /^\{(.+?)(\+?)\}$/.exec(segment);
    if (!label) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    labels.push(label[1]!);
    greedy ||= label[2] === '+';
    return label[2] === '+' ? '(.+)' : '([^/]+)';
  });
  const shape: Shape = operation.input === undefined ? { type: 'structure' } : operation.service.shape(operation.input);
  const members = Object.entries(shape.members ?? {});
  const required = (location: string) => members
    .filter(([name, member]) => member.location === location && shape.required?.includes(name))
    .map(([name, member]) => member.locationName ?? name);
  const queryMembers = members.filter(([, member]) => member.location === 'querystring');
  const constants = [...new URLSearchParams(search)];
  return {
    operation, labels, constants,
    pattern: new RegExp(`^/${pattern.join('/')}${greedy ? '' : '/?'}$`),
    requiredQuery: required('querystring'),
    requiredHeaders: required('header'),
    allowedQuery: queryMembers.some(([, member]) => operation.service.shape(member.shape).type === 'map')
      ? 'any'
      : new Set([...constants.map(([key]) => key), ...queryMembers.map(([name, member]) => member.locationName ?? name)]),
    literals: segments.length - labels.length,
  };
}
