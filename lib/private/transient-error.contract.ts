/** Name under which every handler throws what AWS may answer a little later; workflows retry it. */
export const TRANSIENT_ERROR = 'TransientError';
