/* eslint-disable @typescript-eslint/no-explicit-any -- properties of any type */

export type Tags = Readonly<Record<string, string>>;

/** Types whose `Tags` are an object rather than a list of key and value. */
const TAGGED_BY_OBJECT = new Set([
  'AWS::SSM::Parameter', 'AWS::Glue::Job', 'AWS::Glue::Crawler', 'AWS::Glue::Trigger', 'AWS::Pipes::Pipe', 'AWS::Batch::JobQueue',
  'AWS::Batch::ComputeEnvironment', 'AWS::Batch::JobDefinition', 'AWS::ApiGatewayV2::Api', 'AWS::ApiGatewayV2::Stage',
]);

/** The resource's own tags, those of the stack, and those that CloudFormation itself adds; the resource's own win. */
export function withTags(type: string, properties: Record<string, any>, stackTags: Tags, systemTags: Tags): Record<string, any> {
  const byObject = TAGGED_BY_OBJECT.has(type);
  const own: Tags = byObject
    ? properties.Tags ?? {}
    : Object.fromEntries((properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, String(tag.Value)]));
  const merged = { ...stackTags, ...own, ...systemTags };
  return { ...properties, Tags: byObject ? merged : Object.entries(merged).map(([Key, Value]) => ({ Key, Value })) };
}
