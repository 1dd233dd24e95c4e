import { featuresLine, type Flight } from '../../../bin/story/flights';
import { CAPTURE_PREFIX, VARIANT_NAME } from '../../../lib/serving/release-descriptor.contract';
import type { Season } from './airline';

/** A captured file's folder: SageMaker files captures under the hour of the request, UTC. */
export function captureFolder(endpoint: string, time: number): string {
  return `${CAPTURE_PREFIX}/${endpoint}/${VARIANT_NAME}/${new Date(time).toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`;
}

/** Lines of a file of requests and answers, as SageMaker captures them. */
export function captureLines(flights: readonly Flight[], season: Season): string {
  return flights.map((flight, place) => `${JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: featuresLine(flight), encoding: 'CSV' },
      endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: `${season.lateness[flight.origin]!}\n`, encoding: 'CSV' },
    },
    eventMetadata: { eventId: `${flight.departure.getTime()}-${place}`, inferenceTime: `${flight.departure.toISOString().slice(0, 19)}Z` },
    eventVersion: '0',
  })}\n`).join('');
}
