import { areaUnderCurve, logLoss } from '../scores';
import { expect, type Stage } from '../story';

const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;
/** Of features and of predictions. */
const DRIFT_ALARMS = /Monitor.*Drift/;

/** What the traffic of the ordinary weeks told. */
export interface OrdinaryWeeks {
  /** Times at which the drift alarm began to ring, ISO 8601. */
  readonly alarms: string[];
  /** On the first week's flights. */
  readonly auc: number;
  readonly logLoss: number;
  readonly baseRateLogLoss: number;
  readonly failures: number;
}

/** Ordinary traffic, hour by hour, as it really was. */
export async function ordinaryWeeks({ account, source, options, moments }: Stage, baseRate: number): Promise<OrdinaryWeeks> {
  const begun = account.twin.clock.now();
  const end = Math.ceil(begun / (24 * HOUR)) * 24 * HOUR + options.weeks * WEEK;
  moments.push({ time: begun, kind: 'traffic', text: `ordinary traffic: ${options.ordinary.name}` });
  const alarms: string[] = [];
  let ringing = false;
  await source.run(options.ordinary, end, async () => {
    const now = (await account.ringing()).some((name) => DRIFT_ALARMS.test(name));
    if (now && !ringing) alarms.push(account.twin.clock.date().toISOString());
    ringing = now;
    return false;
  });
  const week = source.answers.filter(({ time }) => time < begun + WEEK);
  const scored = week.filter(({ error }) => error === undefined);
  return {
    alarms, auc: areaUnderCurve(scored), logLoss: logLoss(scored),
    baseRateLogLoss: logLoss(scored.map(({ label }) => ({ label, score: baseRate }))), failures: week.length - scored.length,
  };
}

/** b, second part: the predictions on the week after are worth something. */
export function judgePredictions({ auc, logLoss: loss, baseRateLogLoss, failures }: OrdinaryWeeks): string {
  expect(failures === 0, `${failures} requests of the first week failed`);
  expect(auc >= 0.58, `AUC on the following week is ${auc.toFixed(3)}, wanted is at least 0.58`);
  expect(loss < baseRateLogLoss, `log loss ${loss.toFixed(4)} does not beat that of the base rate, ${baseRateLogLoss.toFixed(4)}`);
  return `on the following week AUC ${auc.toFixed(3)}, log loss ${loss.toFixed(4)} against ${baseRateLogLoss.toFixed(4)} of the base rate`;
}

export function judgeAlarms({ alarms }: OrdinaryWeeks, weeks: number): string {
  const allowed = weeks > 1 ? 1 : 0;
  expect(alarms.length <= allowed, `${alarms.length} drift alarms without drift: ${alarms.join(', ')}`);
  return `${weeks} ${weeks === 1 ? 'week' : 'weeks'} of ordinary traffic, ${alarms.length === 0 ? 'no drift alarm' : `drift alarm at ${alarms.join(', ')}`}`;
}

