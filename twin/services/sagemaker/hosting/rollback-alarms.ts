import { everyPage } from '../../../every-page';
import { AwsError } from '../../../service';
import { World } from '../../../world';
import { DeploymentConfig } from './endpoint';
import { executionRole } from '../jobs/execution-role';

/** The alarms of an automatic rollback, seen with the eyes of the endpoint's execution role. */
export class RollbackAlarms {
  private readonly names: readonly string[];

  constructor(private readonly world: World, config: DeploymentConfig | undefined, private readonly roleArn: string) {
    this.names = (config?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName }) => AlarmName);
  }

  /** Throws Rollback if an alarm is in ALARM (without a reason: SageMaker gives none), or if they cannot be watched. */
  async check(): Promise<void> {
    if (this.names.length === 0) return;
    const alarms = await this.describe();
    const states = new Map<string, string>([...alarms.MetricAlarms, ...alarms.CompositeAlarms].map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
    const missing = this.names.filter((name) => !states.has(name));
    if (missing.length > 0) throw new Rollback(`Could not find the CloudWatch alarms [${missing.join(', ')}] of the automatic rollback configuration.`);
    if (this.names.some((name) => states.get(name) === 'ALARM')) throw new Rollback();
  }

  private async describe(): Promise<{ MetricAlarms: AlarmState[]; CompositeAlarms: AlarmState[] }> {
    const input = { AlarmNames: this.names, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 };
    try {
      const caller = executionRole(this.roleArn);
      return await everyPage((page) => this.world.call({ service: 'monitoring', operation: 'DescribeAlarms', input: page, caller }), input);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new Rollback(`Could not watch the CloudWatch alarms of the automatic rollback configuration as ${this.roleArn}: ${error.message}`);
    }
  }
}

interface AlarmState {
  readonly AlarmName: string;
  readonly StateValue: string;
}

/** The deployment goes back to the old fleet. */
export class Rollback extends Error {
  constructor(readonly reason?: string) {
    super(reason ?? 'an alarm of the automatic rollback configuration is in ALARM');
  }
}
