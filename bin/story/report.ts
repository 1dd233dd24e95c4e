import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Evidence } from './evidence';
import type { Milestone } from './story';

/** The run as one page that needs nothing from the network; charts by uPlot, inlined. */
export function renderReport(evidence: Evidence, milestones: readonly Milestone[]): string {
  const uplot = path.dirname(require.resolve('uplot'));
  const library = (file: string) => readFileSync(path.join(uplot, file), 'utf8');
  const data = JSON.stringify({ drift: driftChart(evidence), fleets: fleetChart(evidence) }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The loop, played on real flights</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${library('uPlot.min.css')}${STYLE}</style></head><body>
<h1>The loop, played on real flights</h1>
<h2>Steps</h2>${table(['', 'step', 'virtual time', 'wall time', 'what was seen'], milestones.map((step) => [
    step.ok ? '✓' : '✗', `${step.id}. ${step.title}`, minute(step.virtualTime), `${step.wallSeconds.toFixed(1)} s`, step.detail,
  ]))}
<h2>Drift per feature</h2>
<p>Each window's distance from the training data as a multiple of the feature's threshold; above the line at 1 it has drifted.</p><div id="drift"></div>
<h2>Traffic per fleet</h2><p>Requests per hour by endpoint config, and those answered 5xx.</p><div id="fleets"></div>
<h2>Timeline</h2>${table(['virtual time', '', 'what happened'], [...evidence.moments].sort((a, b) => a.time - b.time)
    .map(({ time, kind, text }) => [minute(new Date(time).toISOString()), kind, text]))}
<h2>Pipeline runs</h2>${table(['pipeline', 'status', 'started', 'ended'], [...evidence.pipelines].sort((a, b) => a.startTime.getTime() - b.startTime.getTime())
    .map((run) => [run.name, run.status, minute(run.startTime.toISOString()), minute(run.lastUpdateTime.toISOString())]))}
<script>${library('uPlot.iife.min.js')}</script>
<script>const charts = ${data};
${SCRIPT}</script></body></html>
`;
}

interface Chart {
  readonly labels: string[];
  /** Seconds since the epoch, then one list per label. */
  readonly columns: Array<Array<number | null>>;
}

function driftChart({ drift }: Evidence): Chart {
  const labels = [...new Set(drift.flatMap(({ scores }) => Object.keys(scores)))];
  return { labels, columns: [drift.map(({ time }) => time / 1000), ...labels.map((label) => drift.map(({ scores }) => scores[label] ?? null))] };
}

function fleetChart({ fleets }: Evidence): Chart {
  const times = [...new Set(fleets.flatMap((fleet) => fleet.times))].sort((a, b) => a - b);
  const at = (fleet: Evidence['fleets'][number], values: number[]) => {
    const known = new Map(fleet.times.map((time, index) => [time, values[index]!]));
    return times.map((time) => known.get(time) ?? null);
  };
  return {
    labels: fleets.flatMap(({ config }) => [`${config} requests`, `${config} 5xx`]),
    columns: [times.map((time) => time / 1000), ...fleets.flatMap((fleet) => [at(fleet, fleet.requests), at(fleet, fleet.errors)])],
  };
}

function table(head: string[], rows: string[][]): string {
  const row = (cells: string[], tag: string) => `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row(head, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #1d2733 }
h1, h2 { font-weight: 600 } h2 { margin-top: 2.5rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e3e8ee; vertical-align: top }
th { color: #5b6b7b; font-weight: 500 } td { overflow-wrap: anywhere }`;

const SCRIPT = `
const colours = ['#1f6feb', '#d1453b', '#2da44e', '#bf8700', '#8250df', '#0a7ea4', '#c2410c', '#57606a', '#be185d', '#4d7c0f'];
function draw(id, chart, line) {
  const width = document.getElementById(id).clientWidth;
  const series = chart.labels.map((label, index) => ({ label, stroke: colours[index % colours.length], width: 1.5, spanGaps: false }));
  const columns = chart.columns.slice();
  if (line !== undefined) { series.push({ label: 'threshold', stroke: '#000', dash: [6, 4], width: 1 }); columns.push(columns[0].map(() => line)); }
  new uPlot({ width, height: 340, tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), 'UTC'), series: [{}, ...series] }, columns, document.getElementById(id));
}
draw('drift', charts.drift, 1);
draw('fleets', charts.fleets);`;
