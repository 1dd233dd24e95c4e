import type { Run } from '../run';
import { settleStack } from '../clean-up';

/** A small stack of the run's own, beside the loop's. */
export class ProbeStack {
  readonly name: string;

  constructor(private readonly run: Run, purpose: string) {
    this.name = `${run.names.probe}-${purpose}`;
  }

  async create(Resources: Record<string, unknown>): Promise<void> {
    await this.apply('CreateStack', Resources);
    await this.expect('CREATE_COMPLETE');
  }

  /** Begins an update, and does not wait for its end. */
  async apply(operation: 'CreateStack' | 'UpdateStack', Resources: Record<string, unknown>): Promise<void> {
    await this.run.cloud.call('cloudformation', operation, {
      StackName: this.name, TemplateBody: JSON.stringify({ Resources }), Capabilities: ['CAPABILITY_NAMED_IAM'], Tags: this.run.names.tags,
    });
  }

  async expect(wanted: string): Promise<void> {
    const status = await settleStack(this.run, this.name);
    if (status === wanted) return;
    const events = await this.run.cloud.list('cloudformation', 'DescribeStackEvents', 'StackEvents', { StackName: this.name });
    const failed = events.find(({ ResourceStatus }) => ResourceStatus.endsWith('_FAILED'));
    throw new Error(`stack ${this.name} is ${status}, not ${wanted}: ${failed?.LogicalResourceId} ${failed?.ResourceStatusReason}`);
  }

  /** What `Ref` gives for a resource. */
  async physicalId(LogicalResourceId: string): Promise<string> {
    const { StackResourceDetail } = await this.run.cloud.call('cloudformation', 'DescribeStackResource', { StackName: this.name, LogicalResourceId });
    return StackResourceDetail.PhysicalResourceId as string;
  }

  async delete(): Promise<void> {
    await this.run.cloud.call('cloudformation', 'DeleteStack', { StackName: this.name });
    await settleStack(this.run, this.name);
  }
}
