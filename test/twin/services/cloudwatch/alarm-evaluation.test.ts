import { MetricAlarmSettings } from '../../../../twin/services/cloudwatch/alarm';
import { evaluate } from '../../../../twin/services/cloudwatch/alarm-evaluation';

/** Rows of the two tables in "Configuring how CloudWatch alarms treat missing data"; the newest point stands right. */
const RETAIN = undefined;
describe.each([
  // points, datapoints to alarm, missing, ignore, breaching, notBreaching
  ['0 - X - X', 3, 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 3, 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 3, 'INSUFFICIENT_DATA', RETAIN, 'ALARM', 'OK'],
  ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 3, 'ALARM', RETAIN, 'ALARM', 'OK'],
  ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 2, 'ALARM', RETAIN, 'ALARM', 'OK'],
] as const)('%s, %i of 3', (points, toAlarm, missing, ignore, breaching, notBreaching) => {
  test.each([['missing', missing], ['ignore', ignore], ['breaching', breaching], ['notBreaching', notBreaching]])('%s', (treatment, state) => {
    const settings = {
      AlarmName: 'a', EvaluationPeriods: 3, DatapointsToAlarm: toAlarm, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: treatment,
    } as MetricAlarmSettings;
    const newestFirst = points.split(' ').reverse();
    const verdict = evaluate(settings, (index) => (newestFirst[index] === '-' ? undefined : { time: index, value: newestFirst[index] === 'X' ? 1 : 0 }));
    expect(verdict.state).toBe(state);
  });
});
