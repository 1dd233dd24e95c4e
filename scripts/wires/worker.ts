import { tryWire } from './trial';
import type { Wire } from './wires';

/** Tries the wires that its parent sends, one at a time. */
const assembly = process.argv[2]!;

process.on('message', (wire: Wire) => {
  void tryWire(assembly, wire).then((trial) => process.send!(trial));
});
process.on('disconnect', () => { process.exit(); });
