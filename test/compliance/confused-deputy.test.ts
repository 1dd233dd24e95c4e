import { ApprovalPolicy } from '../../lib';
import { list, loopTemplate, type Resource } from '../lib/fixtures';

/** A service of AWS that is let in, and what ties it to this account or to one resource of it. */
interface Opening {
  readonly where: string;
  readonly service: string;
  readonly actions: readonly string[];
  readonly conditions: readonly string[];
}

/** Conditions that keep a service from being sent by somebody else's resource. */
const GUARDS = ['aws:SourceAccount', 'aws:SourceArn', 'kms:EncryptionContext:aws:logs:arn'];

/** Openings to which AWS gives nothing that a condition could hold on to. */
const UNGUARDED: ReadonlyArray<{ readonly where: RegExp; readonly service: string; readonly reason: string }> = [
  {
    where: /Role$/, service: 'lambda.amazonaws.com',
    reason: 'Lambda names no source when it takes on the role of a function; who may pass the role to a function is limited instead',
  },
  {
    where: /^AlarmsKey$/, service: 'events.amazonaws.com',
    reason: 'EventBridge carries no source when it asks for the key of a topic or a queue, which are themselves guarded',
  },
  {
    where: /^AlarmsPolicy$/, service: 'events.amazonaws.com',
    reason: 'conditions in a topic\'s policy do not hold for EventBridge: with one, every message would be dropped without a word',
  },
];

function openings(resources: Readonly<Record<string, Resource>>): Opening[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    const where = id.replace(/^Loop/, '').replace(/[0-9A-F]{8}$/, '');
    return documentsOf(Type, Properties).flatMap((statement) => list<string>(statement.Principal?.Service ?? []).map((service) => ({
      where, service: nameOf(service), actions: list<string>(statement.Action), conditions: Object.values(statement.Condition ?? {}).flatMap((keys) => Object.keys(keys as object)),
    })));
  });
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- statements of templates */
function documentsOf(type: string, properties: Record<string, any>): any[] {
  switch (type) {
    case 'AWS::IAM::Role': return properties.AssumeRolePolicyDocument.Statement;
    case 'AWS::KMS::Key': return properties.KeyPolicy.Statement;
    case 'AWS::Lambda::Permission': {
      const { Principal, Action, SourceArn, SourceAccount } = properties;
      return [{ Principal: { Service: Principal }, Action, Condition: { All: { ...(SourceArn && { 'aws:SourceArn': SourceArn }), ...(SourceAccount && { 'aws:SourceAccount': SourceAccount }) } } }];
    }
    default: return properties.PolicyDocument !== undefined && type !== 'AWS::IAM::Policy' ? properties.PolicyDocument.Statement : [];
  }
}

const nameOf = (service: unknown) => (typeof service === 'string' ? service : JSON.stringify(service));

const resources = loopTemplate({ approval: ApprovalPolicy.automatic(), stagesBeforeProduction: [{ name: 'Staging' }] }).toJSON().Resources as Record<string, Resource>;
const all = openings(resources);
const isException = (opening: Opening) => UNGUARDED.some(({ where, service }) => where.test(opening.where) && service === opening.service);

test('a service is let in for this account, or for one resource of it, wherever AWS says on whose behalf it comes', () => {
  expect(all.length).toBeGreaterThan(40);
  const open = all.filter(({ conditions }) => !conditions.some((key) => GUARDS.includes(key)));
  expect(open.filter((opening) => !isException(opening))).toEqual([]);
});

test('every exception is needed', () => {
  for (const { where, service } of UNGUARDED) {
    expect(all.some((opening) => where.test(opening.where) && opening.service === service && !opening.conditions.some((key) => GUARDS.includes(key)))).toBe(true);
  }
});

test('nobody from outside is let in', () => {
  const principals = Object.values(resources).flatMap(({ Type, Properties }) => documentsOf(Type, Properties))
    .filter(({ Effect }) => Effect === 'Allow').flatMap(({ Principal }) => Object.entries(Principal ?? {}).filter(([kind]) => kind !== 'Service'));
  const account = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']] };
  for (const principal of principals) expect(principal).toEqual(['AWS', account]);
  // The keys of data and of alarms.
  expect(principals).toHaveLength(2);
});

test('a role for SageMaker names the region and account of its source', () => {
  const roles = Object.values(resources).filter(({ Type, Properties }) => Type === 'AWS::IAM::Role'
    && Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service === 'sagemaker.amazonaws.com');
  expect(roles.length).toBeGreaterThanOrEqual(3);
  for (const { Properties } of roles) {
    expect(JSON.stringify(Properties.AssumeRolePolicyDocument.Statement[0].Condition.ArnLike['aws:SourceArn']))
      .toBe('{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":sagemaker:",{"Ref":"AWS::Region"},":",{"Ref":"AWS::AccountId"},":*"]]}');
  }
});
