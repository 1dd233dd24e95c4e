import { Baseline, BaselineColumn } from '../baseline/baseline';
import { group } from '../baseline/learned-null';
import { ColumnReport, DriftReport } from '../policy/report';
import { Accumulator } from '../statistics/accumulator';

/** A report as one self-contained HTML page: a verdict, a table of the columns, and for each its groups in the baseline and in the window. */
export function renderReport(report: DriftReport, baseline: Baseline, accumulator: Accumulator): string {
  const columns = [...report.features, ...(report.prediction ? [report.prediction] : [])];
  const sorted = columns.map((column, i) => ({ column, index: report.prediction === column ? baseline.columns.length - 1 : i }))
    .sort((a, b) => b.column.score - a.column.score);
  const sections = sorted.map(({ column, index }) => section(column, baseline.columns[index]!, accumulator.column(index).counts, report.preset === undefined));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Drift ${text(report.window.start)} to ${text(report.window.end)}</title><style>${STYLE}</style></head><body>
<h1><span class="${report.state}">${report.state}</span> ${text(report.window.start)} to ${text(report.window.end)}</h1>
<p>${text(report.reason)}</p>
<p>${report.rows} rows, ${report.rejected} records rejected${rejects(report)}, ${(report.coverage * 100).toFixed(0)} % of the window scanned, baseline ${text(report.baseline.slice(0, 12))}</p>
${violations(report)}
${sections.join('\n')}
</body></html>
`;
}

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.3rem}h2{font-size:1rem;margin:1.5rem 0 0}.ok,.drift,.insufficient,.schema{padding:.1rem .5rem;border-radius:.3rem;color:#fff;background:#2da44e}
.drift,.schema{background:#cf222e}.insufficient{background:#6e7781}table{border-collapse:collapse}td,th{padding:.1rem .8rem .1rem 0;text-align:left}
svg{display:block;margin:.3rem 0}.b{fill:#8c959f}.w{fill:#0969da}.legend{color:#57606a}`;

function rejects({ rejects: byReason }: DriftReport): string {
  const reasons = Object.entries(byReason).map(([reason, { count }]) => `${count} ${text(reason)}`);
  return reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
}

function violations({ violations: broken }: DriftReport): string {
  if (broken.length === 0) return '';
  const rows = broken.map((v) => `<tr><td>${text(v.feature_name)}</td><td>${text(v.constraint_check_type)}</td><td>${text(v.description)}</td></tr>`);
  return `<table><tr><th>column</th><th>rule</th><th></th></tr>${rows.join('')}</table>`;
}

/** Thresholds are told only where they decided. */
function section(report: ColumnReport, column: BaselineColumn, counts: Float64Array, ownRule: boolean): string {
  const { metrics, thresholds } = report;
  const limit = (threshold: number, word = '') => (ownRule ? ` (${word}${threshold.toFixed(3)})` : '');
  const figures = [
    `PSI ${metrics.psi.toFixed(3)}${limit(thresholds.psi, 'threshold ')}`,
    ...(metrics.ks ? [`KS ${metrics.ks.lower.toFixed(3)} to ${metrics.ks.upper.toFixed(3)}${limit(thresholds.ks)}`] : []),
    ...(metrics.wasserstein ? [`Wasserstein ${metrics.wasserstein.lower.toFixed(3)} deviations${limit(thresholds.wasserstein)}`] : []),
    `Jensen-Shannon ${metrics.jensenShannon.toFixed(3)}`,
    `missing ${(metrics.missingShare * 100).toFixed(1)} %`,
    `${Math.floor(report.effectiveRows)} effective rows of ${report.rows}`,
  ];
  return `<h2><span class="${report.state}">${report.state}</span> ${text(report.name)} <small>${report.type}</small></h2>
<div>${text(report.reason)}</div>${histogram(column, counts)}<div class="legend">${figures.join(' · ')}</div>`;
}

const WIDTH = 800;
const HEIGHT = 110;

/** Shares of the groups side by side: the baseline grey, the window blue. */
function histogram(column: BaselineColumn, counts: Float64Array): string {
  // Of an early reference only the report knows the counts; then the window stands alone.
  const before = shares(group(column, column.counts));
  const now = shares(group(column, counts));
  const highest = Math.max(...before, ...now, 1e-9);
  const step = WIDTH / column.groupCount;
  const bar = (share: number, x: number, name: string) => {
    const height = (share / highest) * (HEIGHT - 20);
    return `<rect class="${name}" x="${x.toFixed(1)}" y="${(HEIGHT - 15 - height).toFixed(1)}" width="${(step * 0.4).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  };
  const bars = before.map((share, g) => `<g><title>${text(label(column, g))}: ${(share * 100).toFixed(1)} % before, ${(now[g]! * 100).toFixed(1)} % now</title>`
    + `${bar(share, g * step, 'b')}${bar(now[g]!, g * step + step * 0.42, 'w')}</g>`);
  return `<svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${bars.join('')}</svg>`;
}

function shares(counts: Float64Array): number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  return Array.from(counts, (count) => (sum === 0 ? 0 : count / sum));
}

/** What a group holds: a range of numbers, a known value, or all others. */
function label({ bins, groups, groupCount }: BaselineColumn, group: number): string {
  const members = [...groups].flatMap((of, bin) => (of === group ? [bin] : []));
  if (bins.kind === 'nominal') {
    if (members.length === 1 && members[0] === bins.values.length) return 'unknown to the baseline';
    return members.length === 1 ? bins.values[members[0]!]! : `${members.length} other values`;
  }
  const lower = bins.edges[members[0]! - 1];
  const upper = group === groupCount - 1 ? undefined : bins.edges[members[members.length - 1]!];
  const short = (x: number) => String(Number(x.toPrecision(5)));
  return `${lower === undefined ? 'up' : `above ${short(lower)}`}${upper === undefined ? '' : ` to ${short(upper)}`}`;
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
