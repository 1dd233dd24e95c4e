/** Whether a handler can do without a variable. */
export type EnvPresence = 'required' | 'optional';

/** What each key of a contract may be given as; an optional one may be left out. */
export type EnvValues<S extends Record<string, EnvPresence>> =
  { [K in keyof S as S[K] extends 'required' ? K : never]: string } &
  { [K in keyof S as S[K] extends 'optional' ? K : never]?: string };

export interface EnvContract<S extends Record<string, EnvPresence>> {
  /** For the construct: the environment of the function. A missing or misspelt name does not compile. */
  render(values: EnvValues<S>): Record<string, string>;
  /** For the handler: the values, or one error that names everything missing. */
  read(env: Record<string, string | undefined>): EnvValues<S>;
}

/** Declares, once, the environment that a construct gives and its handler reads. */
export function defineEnv<const S extends Record<string, EnvPresence>>(spec: S): EnvContract<S> {
  const names = Object.keys(spec);
  const pick = (values: Record<string, string | undefined>): Record<string, string> =>
    Object.fromEntries(names.flatMap((name) => (values[name] === undefined || values[name] === '' ? [] : [[name, values[name]]])));
  return {
    render: (values) => pick(values as Record<string, string | undefined>),
    read: (env) => {
      const missing = names.filter((name) => spec[name] === 'required' && !env[name]);
      if (missing.length > 0) throw new Error(`environment variables missing: ${missing.join(', ')}; deploy the stack again to restore them`);
      return pick(env) as EnvValues<S>;
    },
  };
}
