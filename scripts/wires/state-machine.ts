import { isIntrinsic, nodesBelow, without, type Json, type JsonObject, type Path } from './template';

/** Members of a state that say what goes in and what comes out; the rest is the order of states. */
const MEMBERS = ['InputPath', 'Parameters', 'ItemReader', 'ItemsPath', 'ItemSelector', 'ResultSelector', 'ResultPath', 'OutputPath'] as const;

/** Stands for a reference while the definition is plain JSON. */
const PLACEHOLDER = /<<reference (\d+)>>/;

/** A definition as text with references in between, as a template holds it, opened for changes. */
export class Definition {
  private constructor(private readonly root: JsonObject, private readonly references: readonly Json[]) {}

  /** `text` is a `DefinitionString`: a text, or texts and references joined. */
  static of(text: Json): Definition {
    const references: Json[] = [];
    const parts = typeof text === 'string' ? [text] : joined(text);
    const plain = parts.map((part) => (typeof part === 'string' ? part : `<<reference ${references.push(part) - 1}>>`)).join('');
    return new Definition(JSON.parse(plain) as JsonObject, references);
  }

  /** Paths of the parameters of all states, inner ones too, those of states inside of maps as well. */
  parameters(): Path[] {
    return [...statesOf(this.root)].flatMap(({ path, state }) => MEMBERS.filter((member) => member in state).flatMap((member) => [
      [...path, member],
      ...nodesBelow(state[member]!, [...path, member]),
    ]));
  }

  without(path: Path): Definition {
    return new Definition(without(this.root, path), this.references);
  }

  toTemplate(): Json {
    const parts = JSON.stringify(this.root).split(PLACEHOLDER)
      .map((part, index) => (index % 2 === 0 ? part : this.references[Number(part)]!))
      .filter((part) => part !== '');
    return parts.every((part) => typeof part === 'string') ? parts.join('') : { 'Fn::Join': ['', parts] };
  }
}

function joined(value: Json): Json[] {
  const join = isIntrinsic(value) ? (value as JsonObject)['Fn::Join'] : undefined;
  if (!Array.isArray(join) || join[0] !== '' || !Array.isArray(join[1])) throw new Error(`a definition is a text or Fn::Join of texts, this one is ${JSON.stringify(value).slice(0, 80)}`);
  return join[1];
}

function* statesOf(machine: JsonObject, path: Path = []): Generator<{ path: Path; state: JsonObject }> {
  for (const [name, state] of Object.entries(machine.States as Record<string, JsonObject>)) {
    const at = [...path, 'States', name];
    yield { path: at, state };
    if (state.ItemProcessor !== undefined) yield* statesOf(state.ItemProcessor as JsonObject, [...at, 'ItemProcessor']);
    for (const [index, branch] of ((state.Branches ?? []) as JsonObject[]).entries()) yield* statesOf(branch, [...at, 'Branches', index]);
  }
}
