import { figureBounds, FigureBounds, JUDGED_FIGURES, JudgedFigure } from '../quality/certainty';
import { WindowQuality } from '../quality/ground-truth/window-quality';
import { MetricValue } from './evaluation';

export interface QualityJudgementOptions {
  readonly figure: JudgedFigure;
  /** What the evaluation before registration said; undefined if it does not hold the figure. */
  readonly registered: MetricValue | undefined;
  /** In units of the figure. @default - a tenth of the registered value */
  readonly allowedDrop?: number;
  /** Labelled rows below which nothing is judged. */
  readonly minimumLabels: number;
  /** Share of answers whose label must be known, 0 to 1. */
  readonly minimumCoverage: number;
}

export interface QualityJudgement {
  /** `insufficient`: the labels cannot tell whether the allowed drop is exceeded. That is not "fine". */
  readonly state: 'ok' | 'degraded' | 'insufficient';
  readonly reason: string;
  readonly figure: JudgedFigure;
  readonly registered?: number;
  readonly allowedDrop?: number;
  readonly bounds?: FigureBounds;
  /** How far the figure is worse than at registration, negative if it is better, with its bounds. */
  readonly drop?: FigureBounds;
  /** The part of the drop that is not chance, as a multiple of the allowed drop; only of a window that could be judged. */
  readonly multiple?: number;
}

/** Standard errors beyond which a difference is not chance, as for the judgement of candidates. */
const SIGMAS = 2;
const DEFAULT_SHARE = 0.1;

/** Whether there are labels enough for figures to mean something. */
export function hasEnoughLabels({ labelled, predictions }: Pick<WindowQuality, 'labelled' | 'predictions'>, { minimumLabels, minimumCoverage }: QualityJudgementOptions): boolean {
  return labelled >= minimumLabels && labelled >= minimumCoverage * predictions;
}

/** Holds a window's figure against its value at registration. Both are known up to chance only, and so is the drop. */
export function judgeQuality(quality: WindowQuality, options: QualityJudgementOptions): QualityJudgement {
  const { figure, registered, minimumLabels, minimumCoverage } = options;
  const insufficient = (reason: string, known: Partial<QualityJudgement> = {}): QualityJudgement => ({ state: 'insufficient', reason, figure, ...known });
  const { labelled, predictions } = quality;
  if (!hasEnoughLabels(quality, options)) {
    return insufficient(`${labelled} of ${predictions} answers are labelled; needed are ${Math.max(minimumLabels, Math.ceil(minimumCoverage * predictions))}`);
  }
  const bounds = figureBounds(figure, quality, SIGMAS);
  if (!bounds) return insufficient(`${figure} cannot be told from these labels: a class, or their variation, is missing`);
  if (Number.isNaN(bounds.lower) || Number.isNaN(bounds.upper)) {
    return insufficient(`${figure} cannot be computed: an answer or a label is so large that its square is no finite number; correct the label, or the model`);
  }
  if (!registered) return insufficient(`the model was registered without ${figure}; write it in \`evaluate\`, or choose another metric`, { bounds });
  const allowedDrop = options.allowedDrop ?? DEFAULT_SHARE * Math.abs(registered.value);
  const known = { bounds, registered: registered.value, allowedDrop };
  if (!(allowedDrop > 0)) return insufficient(`${figure} was ${registered.value} at registration, of which no share can be allowed; give allowedDrop`, known);
  const drop = dropOf(figure, bounds, registered);
  const words = `${figure} ${round(bounds.value)} against ${round(registered.value)} at registration, a drop of ${round(drop.lower)} to ${round(drop.upper)}; allowed is ${round(allowedDrop)}`;
  if (drop.lower < allowedDrop && drop.upper >= allowedDrop) return insufficient(`${words}: ${labelled} labels cannot tell`, { ...known, drop });
  return { state: drop.lower >= allowedDrop ? 'degraded' : 'ok', reason: words, figure, ...known, drop, multiple: Math.max(0, drop.lower) / allowedDrop };
}

/** The registered value is as uncertain as its own evaluation says; both errors are independent. */
function dropOf(figure: JudgedFigure, bounds: FigureBounds, registered: MetricValue): FigureBounds {
  const error = SIGMAS * (registered.standardDeviation ?? 0);
  const worse = JUDGED_FIGURES[figure] === 'maximize'
    ? { value: registered.value - bounds.value, below: bounds.upper - bounds.value, above: bounds.value - bounds.lower }
    : { value: bounds.value - registered.value, below: bounds.value - bounds.lower, above: bounds.upper - bounds.value };
  return { value: worse.value, lower: worse.value - Math.hypot(worse.below, error), upper: worse.value + Math.hypot(worse.above, error) };
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}
