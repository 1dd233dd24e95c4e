import { tarGz, untar } from '../../../twin/jobs/archive';

/** The artifact of a model with weights that are no numbers: it loads, answers pings, and fails every request. */
export function breakModel(archive: Buffer): Buffer {
  return tarGz(untar(archive).map((file) => (file.path.endsWith('model.json')
    ? { ...file, content: Buffer.from(JSON.stringify({ ...JSON.parse(file.content.toString()), numeric: ['not', 'a', 'number'] })) } : file)));
}
