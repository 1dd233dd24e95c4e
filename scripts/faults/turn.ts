import { COAST, OCEAN } from '../../test/loop/support/airline';
import { HOUR, PREFIX, type Loop } from '../../test/loop/support/loop';
import type { CallRequest } from '../../twin';
import type { LambdaService } from '../../twin/services/lambda';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { PACKAGE_VARIABLE } from '../../lib/delivery/start-release.contract';
import type { Armed, Condition, Injector } from './injector';
import { ALWAYS, AT_REST, broken, serving } from './invariants';
import { DATA_OBJECT, ENDPOINT, TRANSFORM_JOB, TRAINING_JOB } from './triples';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** `first`: from an empty account to a first model. `data`: from new data, `drift`: from a drift alarm, to another one. */
export type TurnKind = 'first' | 'data' | 'drift';

export interface TurnResult {
  readonly violations: readonly string[];
  /** What had to be done by hand, and what the loop had said. */
  readonly byHand: readonly string[];
}

const MINUTE = 60_000;
const SEASONS = [{ ...COAST, timeless: true }, { ...OCEAN, timeless: true }] as const;
/** A loop in which nothing happened for so long has stopped. */
const PATIENCE = { first: 40 * MINUTE, data: 40 * MINUTE, drift: 5 * HOUR };
const LIMIT = 60 * HOUR;
/** Longer than a spot job waits. */
const SHORTAGE = 9 * HOUR;
const INSTANCE = 'ml.m5.large';

/** Turns the loop once under these faults, until a new package serves; gives it a push where it stopped and said why. */
export async function turn(loop: Loop, injector: Injector, kind: TurnKind, faults: readonly Armed[]): Promise<TurnResult> {
  return new Turn(loop, injector, kind, faults).run();
}

class Turn {
  private readonly violations = new Set<string>();
  private readonly byHand: string[] = [];
  private readonly since: number;
  private deadLetters = 0;
  /** What an earlier turn in this account had broken already. */
  private known: ReadonlySet<string> = new Set();

  constructor(private readonly loop: Loop, private readonly injector: Injector, private readonly kind: TurnKind, private readonly faults: readonly Armed[]) {
    this.since = loop.now;
  }

  async run(): Promise<TurnResult> {
    const { loop, injector } = this;
    this.deadLetters = await this.deadLettered();
    this.known = new Set(await broken(loop, ALWAYS));
    loop.season = loop.season === SEASONS[0] ? SEASONS[1] : SEASONS[0];
    await this.replaceData();
    injector.arm(this.faults);
    const mend = this.breakConditions();
    if (this.kind === 'drift') await this.untilDrift();
    else await loop.markComplete();
    await this.untilReleased(mend);
    injector.arm([]);
    mend();
    if (this.kind === 'drift') await this.untilCalm();
    // Later than the hold-out of the model that serves now, so that a next one can be judged.
    else for (let hour = 0; hour < 2; hour++) await loop.serveHour();
    await this.look();
    for (const violation of await broken(loop, AT_REST)) this.violations.add(violation);
    return { violations: [...this.violations], byHand: this.byHand };
  }

  /** The airline's flights of the last week, as if it had always flown so. */
  private async replaceData(): Promise<void> {
    const { loop } = this;
    for (const Key of await loop.account.keys(loop.names.dataBucket, PREFIX)) await loop.call('s3', 'DeleteObject', { Bucket: loop.names.dataBucket, Key });
    await loop.handInDays(7, Math.floor(loop.now / HOUR) * HOUR);
  }

  private async untilDrift(): Promise<void> {
    const { loop } = this;
    for (let hour = 0; await loop.account.alarmState(loop.names.driftAlarm) !== 'ALARM'; hour++) {
      if (hour >= 30) {
        this.violations.add('drift is found: not within 30 hours');
        return;
      }
      await loop.serveHour();
      await this.look();
    }
  }

  private async untilCalm(): Promise<void> {
    const { loop } = this;
    for (let hour = 0; await loop.account.alarmState(loop.names.driftAlarm) === 'ALARM'; hour++) {
      if (hour >= 12) {
        this.violations.add('the drift alarm is over once the retrained model serves: not within 12 hours');
        return;
      }
      await loop.serveHour();
      await this.look();
    }
  }

  private async untilReleased(mend: () => void): Promise<void> {
    const { loop, injector } = this;
    const begun = loop.now;
    for (let quietSince = loop.now; !(await this.released());) {
      if (await this.busy()) quietSince = loop.now;
      quietSince = Math.max(quietSince, Math.min(loop.now, injector.delayedUntil));
      if (loop.now - quietSince > PATIENCE[this.kind]) {
        if (this.byHand.length > this.faults.length) return void this.violations.add(`a new package is served: not after ${this.byHand.length} pushes: ${this.byHand.join('; ')}`);
        mend();
        await this.push();
        quietSince = loop.now;
      }
      if (loop.now - begun > LIMIT) return void this.violations.add(`a new package is served: not within ${LIMIT / HOUR} hours`);
      if (this.kind === 'drift') await loop.serveHour();
      else await loop.advance(5);
      await this.look();
    }
  }

  private async look(): Promise<void> {
    for (const violation of await broken(this.loop, ALWAYS)) if (!this.known.has(violation)) this.violations.add(violation);
  }

  private async busy(): Promise<boolean> {
    const { trainingPipeline, releasePipeline } = this.loop.names;
    for (const pipeline of [trainingPipeline, releasePipeline]) {
      if ((await this.loop.account.executions(pipeline)).some(({ status }) => status === 'InProgress')) return true;
    }
    return this.loop.twin.service<LambdaService>('lambda').pendingEvents > 0 || this.loop.now < this.injector.delayedUntil;
  }

  private async released(): Promise<boolean> {
    const now = await serving(this.loop).catch(() => undefined);
    if (now === undefined || now.status !== 'InService' || now.pending) return false;
    const newest = await this.newestPackage();
    if (newest === undefined || now.packageArn !== newest.ModelPackageArn || await this.busy()) return false;
    // A release may fail after the endpoint has moved; what it then leaves undone, the next one does.
    const [release] = await this.loop.account.executions(this.loop.names.releasePipeline);
    return release?.status === 'Succeeded';
  }

  private async newestPackage(): Promise<any> {
    const { ModelPackageSummaryList } = await this.loop.call('sagemaker', 'ListModelPackages', {
      ModelPackageGroupName: this.loop.names.packageGroup, SortBy: 'CreationTime', SortOrder: 'Descending', CreationTimeAfter: new Date(this.since), MaxResults: 1,
    });
    return ModelPackageSummaryList[0];
  }

  /** The one command to go on, provided the loop has said that it stopped. */
  private async push(): Promise<void> {
    const { loop } = this;
    const { trainingPipeline, releasePipeline } = loop.names;
    const told = await this.reason();
    if (told === undefined) this.violations.add('a loop that stops says why: no failed run with a reason, no alarm, no dead letter');
    const newest = await this.newestPackage();
    if (newest === undefined) {
      this.byHand.push(`training started again (${told})`);
      await loop.call('codepipeline', 'StartPipelineExecution', { name: trainingPipeline });
    } else if (newest.ModelApprovalStatus === 'PendingManualApproval') {
      this.byHand.push(`package approved (${told})`);
      await loop.account.approve(newest.ModelPackageArn);
    } else {
      this.byHand.push(`release started again (${told})`);
      // By name: a package that was rolled back is released only so, or after a new approval.
      await loop.call('codepipeline', 'StartPipelineExecution', { name: releasePipeline, variables: [{ name: PACKAGE_VARIABLE, value: newest.ModelPackageArn }] });
    }
  }

  private async reason(): Promise<string | undefined> {
    const { loop } = this;
    for (const pipeline of [loop.names.releasePipeline, loop.names.trainingPipeline]) {
      const [last] = await loop.account.executions(pipeline);
      if (last === undefined || last.startTime.getTime() < this.since || last.status !== 'Failed') continue;
      const why = await loop.account.failure(pipeline, last.pipelineExecutionId);
      if (why !== '' && !why.endsWith('no reason given')) return why.slice(0, 300);
    }
    if (await this.deadLettered() > this.deadLetters) return 'a dead letter';
    // Nobody hears of an event that EventBridge lost; AWS promises to deliver.
    if (this.faults.some(({ fault }) => fault === 'dropped')) return 'an event was lost';
    return undefined;
  }

  private async deadLettered(): Promise<number> {
    const queueUrl = await this.loop.resource('AWS::SQS::Queue');
    const { Attributes } = await this.loop.call('sqs', 'GetQueueAttributes', { QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
    return Number(Attributes.ApproximateNumberOfMessages);
  }

  /** Makes capacity short, updates go back and so on; the result ends what lasts. */
  private breakConditions(): () => void {
    const { jobs, conditions } = this.loop.twin.service<SageMakerService>('sagemaker');
    const ends: Array<() => void> = [];
    const mend = (): void => { ends.splice(0).forEach((end) => { end(); }); };
    const lasts = (end: () => void): void => {
      ends.push(end);
      this.loop.twin.clock.after(SHORTAGE, 'what was short is there again', mend);
    };
    for (const triple of this.faults) {
      const operation = triple.call.slice(triple.call.indexOf(':') + 1);
      const effects: Readonly<Record<string, (call: CallRequest) => void>> = {
        [`${TRAINING_JOB} no spot capacity`]: () => { lasts(jobs.conditions.shortage(INSTANCE, { spot: true })); },
        [`${TRAINING_JOB} no capacity`]: () => { lasts(jobs.conditions.shortage(INSTANCE)); },
        [`${TRAINING_JOB} interrupted`]: () => { jobs.conditions.interruptSpot(INSTANCE); },
        [`${TRAINING_JOB} stopped`]: ({ input }: CallRequest) => { this.stopSoon(input.TrainingJobName); },
        [`${TRANSFORM_JOB} no capacity`]: () => { lasts(jobs.conditions.shortage(INSTANCE, { onDemand: true })); },
        [`${ENDPOINT} rolled back`]: () => { conditions.rollBackSilently(this.loop.names.endpoint); },
        [`${ENDPOINT} stuck`]: () => { conditions.getStuck(this.loop.names.endpoint); },
        [`${ENDPOINT} no capacity`]: () => { lasts(conditions.shortage(INSTANCE)); },
        [`${ENDPOINT} new config not seen yet`]: () => {
          conditions.consistencyDelay = 90_000;
          lasts(() => { conditions.consistencyDelay = 0; });
        },
      };
      const effect = effects[`${triple.subject} ${triple.fault}`];
      if (effect !== undefined) this.injector.expect({ triple, operation, effect });
      if (triple.subject === DATA_OBJECT) this.injector.expect({ triple, operation, ...this.changeWhileRead(triple.fault) });
    }
    return mend;
  }

  /** The first object that is read changes under its reader, who comes back for it: it is read once to index it and once to copy it. */
  private changeWhileRead(fault: string): Pick<Condition, 'where' | 'effect'> {
    const { dataBucket } = this.loop.names;
    return {
      where: ({ input, functionName }) => functionName !== undefined && input.Bucket === dataBucket && String(input.Key).startsWith(PREFIX),
      effect: ({ input: { Bucket, Key } }) => { void (fault === 'deleted while read' ? this.loop.call('s3', 'DeleteObject', { Bucket, Key }) : this.halve(Bucket, Key)); },
    };
  }

  private async halve(bucket: string, key: string): Promise<void> {
    const { Body } = await this.loop.call('s3', 'GetObject', { Bucket: bucket, Key: key });
    const lines = Buffer.from(Body).toString('utf8').trimEnd().split('\n');
    await this.loop.account.upload(bucket, key, `${lines.slice(0, Math.ceil(lines.length / 2)).join('\n')}\n`);
  }

  private stopSoon(TrainingJobName: string): void {
    this.loop.twin.clock.after(MINUTE, 'somebody stops the job', () => this.loop.call('sagemaker', 'StopTrainingJob', { TrainingJobName }));
  }
}
