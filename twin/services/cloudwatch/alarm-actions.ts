import { ConnectionLost } from '../../http/faults';
import { AwsError, Principal, Service } from '../../service';
import { World } from '../../world';
import { Alarm, AlarmState, HistoryItem, StateValue } from './alarm';
import { awsDate } from './alarm-evaluation';
import { lambdaEvent, notification } from './alarm-messages';

const ACTIONS_OF: Readonly<Record<StateValue, 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'>> = {
  OK: 'OKActions', ALARM: 'AlarmActions', INSUFFICIENT_DATA: 'InsufficientDataActions',
};

/** A service that alarms can act on without a call, as Application Auto Scaling. */
export interface ScalingTarget {
  alarmAction(policyArn: string): void;
}

/** Carries out the actions of an alarm's present state. What fails is written to the alarm's history and nowhere else, as on AWS. */
export async function performActions(world: World, alarm: Alarm, previous: AlarmState): Promise<void> {
  if (alarm.settings.ActionsEnabled === false) return;
  for (const action of alarm.settings[ACTIONS_OF[alarm.state.value]] ?? []) {
    let failure: string | undefined;
    try {
      await perform(world, alarm, previous, action);
    } catch (error) {
      if (!(error instanceof AwsError || error instanceof ConnectionLost)) throw error;
      failure = `${error.code}: ${error.message}`;
    }
    addHistory(world, alarm, 'Action', failure ? `Failed to execute action ${action}. Received error: "${failure}"` : `Successfully executed action ${action}`,
      { actionState: failure ? 'Failed' : 'Succeeded', notificationResource: action, ...(failure && { error: failure }) });
  }
}

async function perform(world: World, alarm: Alarm, previous: AlarmState, action: string): Promise<void> {
  const caller = (service: string): Principal => ({ kind: 'service', service, sourceArn: alarm.arn, sourceAccount: world.account });
  switch (action.split(':')[2]) {
    case 'sns': {
      const input = { TopicArn: action, ...notification(world, alarm, previous) };
      await world.call({ service: 'sns', operation: 'Publish', input, caller: caller('cloudwatch.amazonaws.com') });
      return;
    }
    case 'lambda': {
      const Payload = Buffer.from(JSON.stringify(lambdaEvent(world, alarm, previous)));
      const input = { FunctionName: action, InvocationType: 'Event', Payload };
      await world.call({ service: 'lambda', operation: 'Invoke', input, caller: caller('lambda.alarms.cloudwatch.amazonaws.com') });
      return;
    }
    case 'autoscaling':
      world.service<ScalingTarget & Service>('application-autoscaling').alarmAction(action);
      return;
    default:
      throw new AwsError('NotImplemented', `the twin does not implement the alarm action ${action}`, 501);
  }
}

/** Which alarm actions the twin can carry out; others are refused when the alarm is put. */
export function isKnownAction(action: string): boolean {
  return ['sns', 'lambda', 'autoscaling'].includes(action.split(':')[2] ?? '');
}

export function addHistory(world: World, alarm: Alarm, type: HistoryItem['type'], summary: string, data: Record<string, unknown>): void {
  alarm.history.push({ time: world.clock.date(), type, summary, data: JSON.stringify({ version: '1.0', publishedDate: awsDate(world.clock.date()), ...data }) });
}
